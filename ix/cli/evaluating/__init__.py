"""`ix eval FOLDER`: how well labelled documents are read, by a running service or one that is started for it.

labels      what is known of the documents, and what each is asked
asking      documents in, answers out                           serving  the service that is measured
comparing   when a value is the labelled one, by its kind       rows, pairing  lists, by optimal assignment
judging     what became of each value                           grounding  whether it stands where its evidence says
figures     all of it as JSON                                   curves  how much confidences say
told, page  tables for a terminal; a page with plots and errors crops  where an error stands
comparison  two runs, with intervals                            thresholds  what a run has to reach"""
