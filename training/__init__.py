"""Training and trials that anybody can repeat: made documents, and what is fitted to them."""
