"""Invoices for the programs of bookkeepers: `ix export` with `--what datev` and `--as ubl`.

    amounts   numbers of a result as these formats count: exact, in cents
    datev     invoices as bookings, a file that DATEV imports
    ubl       one invoice as an electronic one, where it is complete

Both take results as the service gives them, with what people have put right; neither guesses what is not there."""
