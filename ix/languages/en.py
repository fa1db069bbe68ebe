"""English, as it is written in Europe, America, India, Malaysia and Singapore."""

from ix.languages import Language

LANGUAGE = Language(
    code="en",
    rank=0,
    common="the | and | of | for | with | you | your | our | this | that | please | thank | from | "
    "are | is | by | on | in | at | was | all | any | not | have | will | been | within",
    labels={
        "invoice": {
            "invoice_number": "invoice number | invoice no | invoice | bill no || credit note | bill number | "
            "receipt number | receipt no",
            # `date` and `to` stand behind the bars: words of everyday count less than any language's own label
            "issue_date": "invoice date | date of issue | issue date | tax point || date",
            "due_date": "due date | invoice due date | payment due | payable by | due by | due",
            "seller_name": "seller | supplier | vendor | from | sold by | pay to | service provider | billed by | "
            "invoice from | issued by | payable to",
            "seller_vat_id": "VAT ID | VAT no | VAT registration",
            "buyer_name": "buyer | customer | bill to | billed to | billing address | invoice to | sold to | invoice "
            "for | guest name | prepared for | invoice address | invoiced to | issued to | charge to | recipient | "
            "purchaser | client name | payer || to",
            "buyer_vat_id": "customer VAT ID | buyer VAT ID | your VAT ID",
            "iban": "IBAN",
            "line_total": "sum of lines | total of positions",
            "net_total": "net total | total net | subtotal | sub total | total excl tax | taxable amount | net amount",
            "tax_total": "total tax | tax total | VAT | tax | VAT amount | GST | sales tax",
            "grand_total": "grand total | total incl tax | invoice total | total amount | total | gross total",
            "prepaid": "prepaid | amount paid | deposit | already paid | less paid",
            "due_amount": "amount due | balance due | payable amount | total due | balance to pay",
            "currency": "currency || invoice currency",
            "order_number": "order number | order no | purchase order | purchase order number | "
            "PO number | PO no | your order",
            "sales_order_number": "sales order | sales order number | sales order no",
            "buyer_reference": "buyer reference",
            "contract_number": "contract number | contract no | agreement ref",
            "despatch_advice": "delivery note | delivery note no | despatch advice | delivery note number",
            "delivery_date": "delivery date | date of delivery | date of supply",
            "lines.name": "description | details | particulars | item | article | product | service",
            "lines.quantity": "quantity | qty || hours | hrs | units",
            "lines.unit_price": "unit price | price | rate",
            "lines.line_total": "line total | amount | net amount | total | total price || net | amt",
        },
        "receipt": {
            "date": "date | invoice date | bill date",
            "address": "address",
            "total": "total | grand total | total amount | total payable | amount due | net total | rounded total | "
            "total sales | nett total | total due | total incl tax",
            "currency": "currency",
            "tax": "tax | total tax | total GST | GST amount | GST | VAT | SST | service tax | sales tax",
            "items.description": "description | item | product",
            "items.quantity": "qty | quantity",
            "items.amount": "amount | amt | total | price",
        },
        "bank_statement_header": {
            "bank": "bank",
            "holder": "account holder | account name | holder | customer",
            "iban": "IBAN",
            "account_number": "account number | account no | account",
            "period_start": "period start | from | period from | start date | statement period | period",
            "period_end": "period end | to | until | end date | statement date",
            "opening_balance": "opening balance | balance brought forward | previous balance | balance b/f | "
            "beginning balance | starting balance",
            "closing_balance": "closing balance | balance carried forward | new balance | ending balance | balance c/f",
            "currency": "currency",
        },
    },
    distractors="order date | order no | order number | delivery date | delivery note | date of birth | print date | "
    "printed on | expiry date | exp date | exp | expires | valid until | valid thru | best before | check in | check "
    "out | arrival | departure | customer no | customer number | customer code | tax number | tax no | article number "
    "| item no | member no | table no | reference | your reference | our reference | delivery address | ship to | "
    "payment terms | shipping address | ship-to address | shipping to | deliver to | delivery to | consignee",
    field_names={
        "first_date": r"start | from | begin | first | opening",
        # bounded by underscores: `to` stands in customer and total, `end` in vendor, `pay` in payer
        "last_date": r"(?:^|_)(?:end|to|until|last|through)(?:$|_) | closing",
        "due_date": r"(?:^|_)(?:due|pay|payable|payment)(?:$|_)",
        "other_date": "due | pay | deliver | ship | order | birth | expir | valid | start | end | from | until | "
        "to_ | print | period | begin",
        "counterpart": "buyer | customer | client | recipient | bill_?to | holder | debtor | payer | tenant | "
        "patient | guest | employee",
    },
    in_credit="credit balance | in credit | in your favour | in your favor",
    credit_notes="credit note | credit memo | credit invoice | tax credit note",
    titles={
        "invoice": "invoice | tax invoice | commercial invoice | proforma invoice | credit note | credit memo | "
        "credit invoice | statement of charges | bill || bill to | due date | payment terms | remit to | purchase "
        "order",
        "receipt": "receipt | sales receipt | cash receipt | official receipt | cash bill | cash sales | "
        "simplified tax invoice | guest check || cash | change | cashier | sales associate | server | tip | "
        "gratuity | guests | rounding | rounding adj | thank you | please come again | table | visa | mastercard | "
        "goods sold are not returnable | tendered",
        "bank_statement_header": "bank statement | account statement | statement of account | current account "
        "statement || opening balance | closing balance | statement period | sort code | balance brought forward | "
        "balance carried forward",
        "other": "quotation | quote | estimate | delivery note | packing list | packing slip | order confirmation "
        "| purchase order | reminder | payment reminder | contract | agreement | remittance "
        "advice | curriculum vitae | minutes | agenda | report",
    },
    page_words="page | pg | p",
    page_totals="of",
    carried="carried forward | brought forward | continued | continued on next page | to be continued",
    months=(
        "jan | january",
        "feb | february",
        "mar | march",
        "apr | april",
        "may",
        "jun | june",
        "jul | july",
        "aug | august",
        "sep | sept | september",
        "oct | october",
        "nov | november",
        "dec | december",
    ),
    ordinals="st | nd | rd | th",
    date_joiners="(?:day )?of",
    month_first=True,
    clock=r"[ap]\.?m\.?",
    between_dates="to | until | through",
    paying=r"\bpay | \bpaid | remit | settle",
    deadlines="until | by | before",
    money={
        "total": "total | totals | grand | grandtotal | tot",
        "sub": "sub | subtotal",
        # not under `net`, as other languages' "netto" is: on a till receipt "nett total" is what is left to pay
        "nett": "net | nett",
        "gross": "gross",
        # words of fewer than five letters are found to the letter only, so what OCR makes of "incl" is listed
        "incl": "incl | ingl | inci | inel | inclusive | inclusiv | including | includes | included | inc",
        "excl": "excl | excluding | exclusive | exc | ex | before | without | untaxed",
        "tax": "tax | taxes | gst | cgst | sgst | igst | vat",
        "amount": "amount | amt | sales | sale | bill | invoice",
        "rounded": "rounded",
        "rounding": "rounding | round | adjustment | adj | rnd",
        "after": "after",
        "due": "due | payable | outstanding | residual | to pay | left to pay",
        "paid": "paid | cash | tender | tendered | visa | master | mastercard | card | debit | credit | payment | "
        "payments | received | amex | maestro | cheque | wallet | ewallet",
        "prepaid": "prepaid | advance | deposit",
        "change": "change",
        "quantity": "qty | quantity | item | items | itens | count | pcs | units | pax | pieces | qtys | qnty",
        "discount": "discount | discounts | disc | saving | savings | saved | voucher | withholding | withheld",
        "charge": "charge | charges | service | freight | shipping | delivery | svc",
        "lines": "lines",
        "base": "taxable | basis | base",
        "rate": "rate | percent",
        "summary": "summary | code | analysis | details",
        "price": "price | unitprice | uprice",
        "points": "points | point | balance",
    },
    money_parts="cash",
    taxes="gst | cgst | sgst | igst | vat | tax | sst",
    currencies={
        "BHD": "bahraini dinar | bahraini dinars",
        "EUR": "euro | euros",
        "GBP": "pound | pounds",
        "IQD": "iraqi dinar | iraqi dinars",
        "JOD": "jordanian dinar | jordanian dinars",
        "JPY": "yen",
        "KWD": "kuwaiti dinar | kuwaiti dinars",
        "LYD": "libyan dinar | libyan dinars",
        "OMR": "omani rial | omani rials | rial omani",
        "TND": "tunisian dinar | tunisian dinars",
        "USD": "dollar | dollars",
    },
    early_payment="discount | early payment",
    days="days?",
    prepositions="in",
    number_words="no | num | number | n | id | reg | ref | invoice",
    yes="yes",
    no="no",
    # `company` and those after it are no legal forms, but small shops have them at the end of their names instead
    legal_forms=r"pte\.?\s*ltd | pty\.?\s*ltd | ltd | limited | llc | llp | plc | inc | corp | corporation | "
    r"co\b\.? | company | enterprises? | trading | holdings? | group",
    lone_legal_forms=r"trading | enterprise | co\.?,?\s*ltd\.? | pte\.?\s*ltd\.? | ltd\.? | inc\.?",
    trades="restaurants? | cafe | bistro | grill | pizzeria | seafood | bar | bakery | bakeries | supermarke?t | "
    r"mini\s?mart | mart | market | store | shop | retail | books? | stationery | hardware | electrical | motor | "
    "pharmacy | hotel | hospital | clinic | bank | station | petrol | society | association | club | school | "
    "college | agency | studio | salon | garage | diner | deli | pub | inn | house | marketing | industry | "
    "industries | services? | centre | center",
    salutations="mrs? | ms",
    registers=r"co\.? | company | reg | roc | business | br",
    registration_numbers=r"reg\w* | no | number",
    name_keys="name | company",
    attentions=r"attn | attention | att | c/o",
    counterpart="customer | buyer | client | your",
    # `te1` is "tel" misread; "Cash & Carry" is the one name that has `cash` in it; a table has a number, where it is no
    # restaurant's name
    not_names=r"tel | te1 | fax | phone | hp | e-?mail | gst | vat | tax | co\.?\s?reg | reg\.? | roc | company no | "
    r"co\.? no | no\.?\s*: | invoice | inv | receipt | bill | order | copy | original | duplicate | simplified | "
    r"page | date | time | cashier | table(?=\W*(?:no\b|n[r°]|#|:|\d)) | counter | "
    r"cash(?!\W*(?:&|and|n)?\W*carry) | total | amount | number | "
    "welcome | thank | statement | attn | po box | address | delivery | description",
    # `close` and `way` are words of everyday, and streets only at a line's end or before a comma
    streets=r"p\.?\s?o\.?\s?box | plaza | mall | street | road | rd | avenue | ave | lane | drive | boulevard | "
    r"blvd | square | court | highway | park | building | tower | close(?=\W*$|,) | grove | mews | crescent | "
    r"terrace | quay | parade | wharf | parkway | broadway | esplanade | circle | way(?=\W*$|,) | floor | flr | "
    "level | lvl | unit | block | blk | lot | suite",
    units="no | lot | unit | blk | block | suite | level",
    regions="malaysia | singapore | penang | malacca | germany | france | switzerland | austria | united kingdom | "
    "england | spain | italy | belgium | netherlands | usa | united states | indonesia | jakarta | thailand | "
    "bangkok | australia | canada",
    address_keys="hq | head office | add | addr | address",
    not_addresses="tel | te1 | phone | fax | hp | h/p | mobile | whatsapp | gst | sst | vat | tax | e-?mail | "
    r"invoice | inv | receipt | date | cashier | table | page | co\.?\s?reg | reg\.? | roc | company\s*no | "
    r"co\.?\s*no | br\s*no | business\s*no | time | bill | cash | counter | hours? | order | doc | thank | welcome | "
    r"website | outlet | operator | served | sales\s*person | take away | dine in | document | customer | ref",
    terms={
        "number": "no | nr | num | nos | nbr | # | count",
        "quantity": "qty | quant | qnty",
        "amount": "amt",
        "birth date": "dob | birthdate | birthday",
        "phone": "tel | telephone | telefone | ph",
        "reference": "ref",
        "account": "acct | acc | a/c",
        "address": "addr",
        "description": "desc | descr | particulars",
        "date": "dt",
        "mobile": "cell | mob",
        "department": "dept",
        "organisation": "org | organization",
        "company": "co",
        "invoice": "inv",
        "purchase order": "po",
        "identification": "id",
        "maximum": "max",
        "minimum": "min",
        "temperature": "temp",
        "reading": "rdg",
        "percent": "pct",
        "zip": "postcode | zipcode | postal",
        "email": "mail",
        "signature": "sig",
        "unit": "uom",
        "weight": "wt",
        "volume": "vol",
        "average": "avg",
        "total": "tot",
        "customer": "cust | client",
        "physician": "doctor | dr",
        "telephone extension": "ext",
        "surname": "lastname",
        "gender": "sex",
        "last": "family",
        "first": "given",
        "supplier": "vendor | seller",
        "buyer": "purchaser",
        "vehicle identification number": "vin",
        "social security number": "ssn",
        "kilowatt hour": "kwh",
        "previous": "prev | prior",
        "current": "curr | present",
        "year to date": "ytd",
        "manufacturer": "mfr | mfg",
        "serial": "ser | sn",
        "item": "article",
        "issued": "issue | issuance",
        "expiry": "expiration | expires | expire",
        "start": "begin | beginning | commencement | from | opening",
        "end": "until | finish | to | ending | closing",
        "city": "town",
        "result": "results",
        "line": "pos | position",
        "package": "pkg | pkgs",
        "price": "rate",
        "employee": "staff | personnel",
        "vessel": "ship",
        "landlord": "lessor",
        "tenant": "lessee | renter",
        "net pay": "takehome",
        "booking reference": "pnr | locator",
        "policyholder": "insured",
        "grade": "mark",
        "course": "module",
        "mileage": "odometer",
        "approved": "allowed | agreed | permitted",
        "adjuster": "handler",
        "incident": "loss | accident",
        "venue": "hall | theatre | theater",
        "property": "premises",
        "inspection": "survey | surveyed | inspected",
        "gross tonnage": "gt",
        "income tax": "paye",
        "parcel": "package | packages | parcels",
        "term": "duration",
    },
    small_words="of | the | a | an | for | and | or | in | on | at | by | with | your | our | please | is | as | per",
)
