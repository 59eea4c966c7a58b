"""How systems call what the simulator needs: the spellings that a mapping knows without asking."""

from __future__ import annotations

from typing import NamedTuple

from sim.book.columns import ACCOUNT_COLUMNS, CHURN_COLUMNS, HISTORY_COLUMNS, SUBSCRIPTION_COLUMNS, TEAM_COLUMNS, Column
from sim.book.intake.sheet import key

KINDS: dict[str, tuple[Column, ...]] = {
    "accounts": ACCOUNT_COLUMNS,
    "team": TEAM_COLUMNS,
    "history": HISTORY_COLUMNS,
    "subscriptions": SUBSCRIPTION_COLUMNS,
    "churn": CHURN_COLUMNS,
}
"""What a file may hold, and its columns."""

_SALESFORCE: dict[str, dict[str, str]] = {
    "accounts": {
        "account_id": "Account ID; Account: Account ID; 18 Digit Account ID; Account ID (18); AccountId; Case Safe ID",
        "account_name": "Account Name; Account: Account Name",
        "csm_id": "Account Owner; Account: Account Owner; Owner ID; Account Owner Alias; Account Owner: Full Name",
        "segment": "Account Tier; Customer Segment; Account Segment; Account: Segment",
        "arr": "Annual Contract Value; ACV; ARR__c; Current ARR; Total ARR; Active ARR; Opportunity ARR",
        "renewal_date": "Contract End Date; Contract: Contract End Date; Next Renewal Date; Subscription End Date",
        "term_months": "Contract Term; Contract Term (months); Contract: Contract Term (months); Subscription Term",
        "renewal_probability": "Renewal Likelihood; Renewal Probability; Probability (%); Likelihood to Renew",
        "nps": "NPS Score; Latest NPS",
    },
    "team": {
        "csm_id": "User ID; Owner ID; Employee Number; Username",
        "csm_name": "Full Name; User: Full Name",
        "role": "Title; Job Title",
    },
    "subscriptions": {
        "account_id": "Account ID; AccountId",
        "start_date": "Subscription Start Date; Start Date; Contract Start Date",
        "end_date": "Subscription End Date; End Date; Contract End Date",
    },
}
_HUBSPOT: dict[str, dict[str, str]] = {
    "accounts": {
        "account_id": "Record ID; Record ID - Company; Company ID; hs_object_id; Associated Company IDs",
        "account_name": "Company name; Associated Company",
        "csm_id": "Company owner; HubSpot owner; hubspot_owner_id; Deal owner; Contact owner",
        "segment": "Company segment; Customer tier; Target account tier",
        "arr": "Annual recurring revenue; hs_arr; Total ARR",
        "monthly arr": "Monthly recurring revenue; hs_mrr",
        "renewal_date": "Renewal date; Contract renewal date; hs_renewal_date",
    },
    "team": {"csm_id": "HubSpot owner ID; hubspot_owner_id; Owner email", "csm_name": "Owner name; Owner"},
    "subscriptions": {"start_date": "hs_recurring_billing_start_date", "end_date": "hs_recurring_billing_end_date"},
}
_GAINSIGHT: dict[str, dict[str, str]] = {
    "accounts": {
        "account_id": "GSID; Company GSID; Gsid; Company ID; Sfdc Account Id",
        "account_name": "Company Name; Company",
        "csm_id": "CSM; CSM Name; Csm First Owner; CSM Email; Customer Success Manager",
        "segment": "Segment; Customer Tier; Tier; Company Tier",
        "renewal_date": "Renewal Date; Current Renewal Date",
        "health_score": "Overall Score; Overall Health; Scorecard; Current Score; "
        "Overall Scorecard Score; Scorecard Score",
        "adoption": "License Utilization; Licence Utilization; Utilization; Adoption Score",
        "nps": "Average NPS; NPS Score",
        "tenure_months": "Customer Lifetime in Months; Lifetime In Months; Lifecycle in months",
        "renewal_probability": "Renewal Likelihood Score; Likelihood of Renewal",
    },
    "team": {"csm_id": "User GSID; Gsid; CSM", "csm_name": "CSM Name; User Name"},
}
_PLAIN: dict[str, dict[str, str]] = {
    "accounts": {
        "account_id": "id; account; account number; account no; acct id; customer id; customerid; client id; org id; "
        "organization id; organisation id; customer number; customer no; tenant id",
        "account_name": "name; customer; customer name; client; client name; organization; organisation; acct name",
        "csm_id": "owner; csm owner; account manager; success manager; assigned to; csm id; csm user; book owner",
        "segment": "size; customer size; market segment; plan tier; customer type; band",
        "arr": "annual recurring revenue; arr usd; arr amount; annual value; yearly revenue; contract value per year; "
        "subscription revenue; recurring revenue; annualized revenue; annualised revenue; acct arr; arr now",
        "monthly arr": "mrr; monthly recurring revenue; monthly revenue; monthly charges; monthly fee; mrr amount; "
        "mrr usd; monthly subscription",
        "renewal_date": "renewal; renews on; renewal due; next renewal; expiry; expiry date; expiration date; "
        "expires on; end date; contract end; contract expiry; term end; term end date; valid until; renewal day",
        "term_months": "term; term in months; contract length; contract months; subscription length; contract; "
        "contract type; billing term",
        "renewal_probability": "chance of renewal; renewal chance; retention probability; p renew",
        "health_score": "health; customer health; csat health; health index; health colour; health color; "
        "health status",
        "upsell_whitespace": "upsell potential; upsell opportunity; expansion potential; white space; whitespace; "
        "upsell white space; growth potential",
        "cross_sell_whitespace": "cross sell potential; cross-sell opportunity; cross sell white space; "
        "xsell potential",
        "complexity": "complexity score; effort; account complexity",
        "nps": "net promoter score; nps rating; promoter score",
        "adoption": "adoption rate; usage; usage rate; seat utilization; seat utilisation; active users share; "
        "product adoption; adoption %",
        "tenure_months": "tenure; tenure in months; months as customer; customer age; customer since months; "
        "age months",
    },
    "team": {
        "csm_id": "id; csm; employee id; email; login; user; staff id; csm email",
        "csm_name": "name; employee; employee name; csm full name; display name; person",
        "role": "position; job; function",
        "level": "grade; seniority; job level; band; rank",
        "base_salary": "base; salary; base pay; fixed pay; annual salary; base compensation; annual base; fixed salary",
        "ote": "on target earnings; on-target earnings; target total cash; target earnings; total target compensation; "
        "ttc; target cash; ote usd",
        "skill_retention": "retention skill; retention factor",
        "skill_upsell": "upsell skill; upsell factor",
        "skill_cross_sell": "cross sell skill; cross-sell factor",
    },
    "history": {
        "account_id": "customer id; account; customer; client id; company id; accountid",
        "date": "event date; effective date; change date; closed on; close date; happened on; day; churn date",
        "event": "event type; type; movement; movement type; arr movement; change type; category; kind",
        "arr_change": "change; arr delta; delta; arr movement usd; amount; change in arr; arr impact; net change",
        "segment": "customer segment; size; tier; account segment",
    },
    "subscriptions": {
        "account_id": "customer id; account; customer; client id; company id",
        "subscription_id": "id; contract id; contract number; line id",
        "start_date": "start; begin; begins; starts on; valid from; signed on",
        "end_date": "end; ends on; cancelled on; canceled on; valid until; churned on",
        "arr": "arr amount; annual value; annual recurring revenue; arr usd",
        "monthly arr": "mrr; mrr amount; monthly charges; monthly value",
        "term_months": "billing frequency; term; billing period; contract length; interval",
        "trial": "is trial; trial flag",
    },
    "churn": {
        "account_id": "customer id; account; customer; client id; company id; accountid",
        "date": "churn date; churned on; cancelled on; canceled on; left on; cancellation date; lost on",
        "reason": "reason code; churn reason; cancellation reason; loss reason",
    },
}
_SYSTEMS = {"Salesforce": _SALESFORCE, "HubSpot": _HUBSPOT, "Gainsight": _GAINSIGHT, "Many files": _PLAIN}

NOT_MEANT = frozenset(
    key(text)
    for text in (
        "Annual Revenue",
        "Annual revenue (currency)",
        "Number of employees",
        "Employees",
        "Total Charges",
        "Last Activity Date",
        "Created Date",
        "Close Date",
    )
)
"""Look like what is needed and are something else: the customer's own turnover, the day of a phone call."""


class Spelling(NamedTuple):
    """column: the one that is meant. system: who writes it so. monthly: it holds a month's worth of a year's."""

    text: str
    column: str
    system: str
    monthly: bool


def _spellings() -> dict[str, dict[str, Spelling]]:
    table: dict[str, dict[str, Spelling]] = {kind: {} for kind in KINDS}
    for kind, columns in KINDS.items():
        for column in columns:
            table[kind][key(column.name)] = Spelling(column.name, column.name, "The simulator", False)
    for system, kinds in _SYSTEMS.items():
        for kind, names in kinds.items():
            for name, spellings in names.items():
                for text in spellings.split("; "):
                    monthly = name.startswith("monthly ")
                    meant = Spelling(text, name.removeprefix("monthly "), system, monthly)
                    table[kind].setdefault(key(text), meant)
    return table


SPELLINGS = _spellings()
"""By kind of file and key of a header: what is meant."""

KNOWN_HEADERS = frozenset(spelling for kind in SPELLINGS.values() for spelling in kind)
