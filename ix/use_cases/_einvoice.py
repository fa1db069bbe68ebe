"""What electronic invoices carry beside what stands on most pages, by the terms of EN 16931-1 (BT, BG). None of it is
asked of a page."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ix.fields import ELECTRONIC, Kind
from ix.use_cases import Amount, Date, Result, field


def given(kind: Kind, description: str) -> Any:
    """A field that electronic invoices alone fill."""
    return Field(default=None, description=description, json_schema_extra=_x_ix(kind))


def given_part(description: str) -> Any:
    """An object that electronic invoices alone fill, null elsewhere."""
    return Field(default=None, description=description, json_schema_extra=_x_ix("object"))


def given_rows(description: str) -> Any:
    """Rows that electronic invoices alone fill, none elsewhere."""
    # not shared by all results: pydantic copies a default that can be changed
    return Field(default=[], description=description, json_schema_extra=_x_ix("rows"))


def _x_ix(kind: Kind) -> dict[str, Any]:
    return {"x-ix": {"kind": kind, "source": ELECTRONIC}}


class Identifier(Result):
    """An identifier, and the scheme that it is one of (ISO 6523, or UNTDID 1153)."""

    id: str | None = given("identifier", "The identifier")
    scheme: str | None = given("identifier", "Code of its scheme")
    version: str | None = given("identifier", "Version of that scheme (BT-158-2)")


class Party(Result):
    """A business or person that has a part in an invoice."""

    role: str | None = given("text", "What it does, by the name of its XML element, where that is not said elsewhere")
    name: str | None = given("organisation", "Name")
    trading_name: str | None = given("organisation", "Name that it trades under (BT-28, BT-45)")
    ids: list[Identifier] = given_rows("Identifiers (BT-29, BT-46, BT-60, BT-71)")
    legal_id: str | None = given("identifier", "Number in a register of companies (BT-30, BT-47, BT-61)")
    legal_scheme: str | None = given("identifier", "Code of that register's scheme")
    legal_form: str | None = given("text", "Legal form and what else the law wants said (BT-33)")
    vat_id: str | None = given("vat_id", "VAT number (BT-31, BT-48, BT-63)")
    tax_number: str | None = given("identifier", "Number at its tax office (BT-32)")
    electronic_address: str | None = given("identifier", "Address for electronic invoices (BT-34, BT-49)")
    electronic_scheme: str | None = given("identifier", "Code of that address's scheme")
    street: str | None = given("text", "First line of the address (BT-35, BT-50, BT-64, BT-75)")
    street_2: str | None = given("text", "Second line of the address")
    street_3: str | None = given("text", "Third line of the address")
    postcode: str | None = given("identifier", "Postal code")
    city: str | None = given("text", "City")
    region: str | None = given("text", "Part of the country")
    country: str | None = given("identifier", "Code of the country (ISO 3166-1)")
    contact_name: str | None = given("text", "Person or department to ask (BT-41, BT-56)")
    contact_department: str | None = given("text", "Department, where a person is named too")
    contact_phone: str | None = given("identifier", "Telephone number (BT-42, BT-57)")
    contact_email: str | None = given("identifier", "E-mail address (BT-43, BT-58)")


class Note(Result):
    """A note on the invoice (BG-1)."""

    text: str | None = given("text", "What it says (BT-22)")
    subject: str | None = given("identifier", "Code of its subject (BT-21, UNTDID 4451)")


class Reference(Result):
    """Another document that the invoice names (BG-3, BG-24)."""

    id: str | None = given("identifier", "Its number (BT-25, BT-122)")
    date: Date | None = given("date", "Its day (BT-26)")
    description: str | None = given("text", "What it is (BT-123)")
    type_code: str | None = given("identifier", "Code of what it is (UNTDID 1001)")
    url: str | None = given("text", "Where it is (BT-124)")
    file: str | None = given("text", "Name of the attached file (BT-125)")
    media_type: str | None = given("identifier", "Media type of the attached file")


class PaymentTerm(Result):
    """Until when to pay, and what is deducted for paying early (BT-20)."""

    text: str | None = field("text", description="The terms in words (BT-20)")
    due_date: Date | None = given("date", "Last day to pay")
    discount_percent: Amount | None = field("percentage", description="Discount for paying early, in percent")
    discount_days: Amount | None = field("number", description="Days within which the discount is given")
    discount_base: Amount | None = given("money", "Amount that the discount is of")
    partial_amount: Amount | None = given("money", "Part of the invoice that these terms are for")


class PaymentMeans(Result):
    """A way to pay (BG-16 to BG-19)."""

    code: str | None = given("identifier", "Code of the way to pay (BT-81, UNTDID 4461)")
    text: str | None = given("text", "The way to pay in words (BT-82)")
    account: str | None = given("identifier", "Account to pay to: an IBAN, or a number of its own kind (BT-84)")
    account_name: str | None = given("text", "Name of that account (BT-85)")
    bic: str | None = given("identifier", "BIC or code of its bank (BT-86)")
    bank: str | None = given("organisation", "Name of its bank")
    card_number: str | None = given("identifier", "Last digits of the card that was used (BT-87)")
    card_holder: str | None = given("person", "Holder of that card (BT-88)")
    mandate: str | None = given("identifier", "Mandate to debit (BT-89)")
    reference: str | None = given("identifier", "What to write on this payment (BT-83)")
    debited_account: str | None = given("identifier", "Account that is debited (BT-91)")


class Tax(Result):
    """Tax of one category and rate (BG-23)."""

    category: str | None = given("identifier", "Code of the category (BT-118, UNTDID 5305)")
    rate: Amount | None = field("percentage", description="Rate in percent (BT-119)")
    base: Amount | None = field("money", description="Amount that is taxed (BT-116)")
    amount: Amount | None = field("money", description="Tax (BT-117)")
    exemption_reason: str | None = given("text", "Why no tax is due (BT-120)")
    exemption_code: str | None = given("identifier", "Code of that reason (BT-121)")


class Allowance(Result):
    """A deduction or an addition (BG-20, BG-21, BG-27, BG-28)."""

    amount: Amount | None = given("money", "Amount without tax (BT-92, BT-99, BT-136, BT-141)")
    base: Amount | None = given("money", "Amount that the percentage is of")
    percent: Amount | None = given("percentage", "Percentage")
    tax_category: str | None = given("identifier", "Code of the tax category")
    tax_rate: Amount | None = given("percentage", "Rate of tax in percent")
    reason: str | None = given("text", "Why, in words")
    reason_code: str | None = given("identifier", "Why, by a code (UNTDID 5189, 7161)")


class Prepayment(Result):
    """A payment that a third party made or gets (an extension of XRechnung)."""

    id: str | None = given("identifier", "What it is")
    amount: Amount | None = given("money", "Amount")
    description: str | None = given("text", "What it is for")


class Attribute(Result):
    """A property of what was sold (BG-32)."""

    name: str | None = given("text", "Name of the property (BT-160)")
    value: str | None = given("text", "Its value (BT-161)")


class SubLine(Result):
    """A position within a position (an extension of XRechnung)."""

    id: str | None = given("identifier", "Its number")
    parent: str | None = given("identifier", "Number of the position that it is a part of")
    name: str | None = given("text", "What was delivered")
    quantity: Amount | None = given("number", "Quantity")
    unit: str | None = given("identifier", "Code of the unit")
    unit_price: Amount | None = given("money", "Price of a unit without tax")
    price_quantity: Amount | None = given("number", "Number of units that the price is for")
    line_total: Amount | None = given("money", "Amount without tax")
    tax_category: str | None = given("identifier", "Code of the tax category")
    tax_rate: Amount | None = given("percentage", "Rate of tax in percent")


class LineDetails(Result):
    """What an electronic invoice says of a position beside name, quantity and amounts (BG-25)."""

    id: str | None = given("identifier", "Number of the position (BT-126)")
    note: str | None = given("text", "Note (BT-127)")
    object_id: str | None = given("identifier", "What the position is about: a meter, a subscription (BT-128)")
    object_scheme: str | None = given("identifier", "Code of that number's scheme (BT-128-1)")
    unit: str | None = given("identifier", "Code of the unit (BT-130, UN/ECE recommendation 20)")
    order_line: str | None = given("identifier", "Number of the order's position (BT-132)")
    accounting_reference: str | None = given("identifier", "Where the buyer books it (BT-133)")
    period_start: Date | None = given("date", "First day of the period (BT-134)")
    period_end: Date | None = given("date", "Last day of the period (BT-135)")
    gross_price: Amount | None = given("money", "Price before its discount (BT-148)")
    price_discount: Amount | None = given("money", "Discount of the price (BT-147)")
    price_quantity: Amount | None = given("number", "Number of units that the price is for (BT-149)")
    price_unit: str | None = given("identifier", "Code of the unit that the price is for (BT-150)")
    tax_category: str | None = given("identifier", "Code of the tax category (BT-151)")
    tax_rate: Amount | None = given("percentage", "Rate of tax in percent (BT-152)")
    exemption_reason: str | None = given("text", "Why no tax is due on it")
    description: str | None = given("text", "What it is, at length (BT-154)")
    seller_item_id: str | None = given("identifier", "The seller's number of the article (BT-155)")
    buyer_item_id: str | None = given("identifier", "The buyer's number of the article (BT-156)")
    standard_item_id: str | None = given("identifier", "Number of the article by a standard, such as its GTIN (BT-157)")
    standard_item_scheme: str | None = given("identifier", "Code of that standard (BT-157-1, ISO 6523)")
    origin_country: str | None = given("identifier", "Code of the country that it comes from (BT-159)")


class OtherValue(Result):
    """A value of the XML that has no field of its own."""

    path: str | None = given("text", "Where it stands in the XML")
    value: str | None = given("text", "What stands there")
