"""What web does with answers that people look at: `judge` has them judged, `asked` reads what was asked, `models` says
how both look."""
