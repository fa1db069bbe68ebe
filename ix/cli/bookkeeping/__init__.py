"""Invoices for the programs of bookkeepers: `ix export` with `--what datev`, `--as ubl`, `cii` and `factur-x`.

    amounts     numbers of a result as these formats count: exact, in cents
    complete    whether an invoice says all that an electronic one must
    datev       invoices as bookings, a file that DATEV imports
    electronic  one invoice as an electronic one, which needs the extra `einvoice`

All take results as the service gives them, with what people have put right; none guesses what is not there."""
