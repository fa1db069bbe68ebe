"""Malay, as it is written in Malaysia, with what Malaysian documents write in its English."""

from ix.languages import Language

LANGUAGE = Language(
    code="ms",
    rank=3,
    labels={
        "invoice": {
            "invoice_number": "no. invois",
            "issue_date": "|| tarikh",
            "due_date": "tarikh akhir",
            "seller_vat_id": "GST no",
            "grand_total": "jumlah",
            "lines.name": "butiran",
            "lines.quantity": "kuantiti",
            "lines.unit_price": "harga seunit",
            "lines.line_total": "jumlah",
        },
        "receipt": {
            "date": "tarikh",
            "address": "alamat",
            "total": "jumlah | jumlah besar",
            "tax": "cukai",
            "items.description": "butiran | barang",
            "items.quantity": "kuantiti",
            "items.amount": "jumlah | harga",
        },
        "bank_statement_header": {
            "holder": "pemegang akaun",
            "account_number": "nombor akaun | no. akaun",
            "period_start": "tempoh",
            "period_end": "hingga",
            "opening_balance": "baki permulaan | baki awal",
            "closing_balance": "baki akhir | baki penutup",
            "currency": "mata wang",
        },
    },
    credit_notes="nota kredit",
    titles={
        "invoice": "invois || bayaran kepada",
        "receipt": "resit | resit rasmi || tunai | baki | juruwang | terima kasih",
        "bank_statement_header": "penyata akaun | penyata bank || baki awal | baki akhir",
        "other": "sebut harga | nota penghantaran | pesanan tempatan",
    },
    page_words="muka surat | halaman",
    page_totals="daripada",
    carried="dibawa ke hadapan",
    months=(
        "januari",
        "februari",
        "mac",  # March
        "april",
        "mei",
        "jun",
        "julai",
        "ogos",
        "september",
        "oktober",
        "november",
        "disember | dis",
    ),
    between_dates="hingga",
    money={
        "total": "jumlah",
        "sub": "subjumlah",
        "incl": "termasuk",
        "excl": "sebelum",
        "tax": "sst | cukai",
        "amount": "amaun | jualan",
        "rounding": "pembundaran | pelarasan",
        "after": "selepas",
        "due": "bayar | dibayar",
        "paid": "tunai",
        # beside an amount `baki` is the change; in labels of a bank statement it is the balance
        "change": "baki | kembali",
        "quantity": "kuantiti | bilangan",
        "discount": "diskaun",
        "price": "harga",
    },
    taxes="gst | sst",
    currencies={"MYR": "ringgit"},
    yes="ya",
    no="tidak",
    # `s/b` is how receipts shorten Sdn Bhd
    legal_forms=r"sdn\.?\s*bhd | s/b | bhd",
    lone_legal_forms=r"sdn\.?\s*bhd\.? | bhd\.? | s/b",
    trades="restoran | kopitiam | kedai | pasaraya | pasar | farmasi | klinik",
    salutations="encik | puan",
    # the register of companies, Suruhanjaya Syarikat Malaysia
    registers="ssm",
    name_keys="nama",
    not_names="tarikh",
    # buildings as well, which stand in a street's place; `kg.` is kampung, and without its point a weight
    streets=r"jalan | jln | jl | lorong | lrg | persiaran | lebuh | lebuhraya | taman | tmn | kampung | kg\. | "
    "bandar | bdr | seksyen | sek | kawasan | plaza | menara | wisma | kompleks",
    regions="selangor | johor | perak | kedah | kelantan | melaka | pahang | pulau pinang | perlis | sabah | "
    "sarawak | terengganu | negeri sembilan | kuala lumpur | wilayah persekutuan | putrajaya | labuan | malaysia | "
    "darul ehsan | darul takzim",
    address_keys="alamat",
    not_addresses="telp | resit | tarikh",
)
