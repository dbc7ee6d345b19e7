# The rule `transfer-limits` in Rego. Facts are `input`, figures `data.limits`.
package transfer

import rego.v1

amount := input.transfer.amount

decision := {"kind": "deny", "code": refusal} if refusal

else := {"kind": "hand-off", "code": "amount_needs_human"} if for_a_colleague

else := {"kind": "confirm", "code": "confirm_transfer"} if {
	not input.confirmed
	amount > data.limits.confirm_above[input.channel]
}

else := {"kind": "step-up", "code": "pin_needed"} if {
	not input.stepped_up
	amount > data.limits.pin_above
}

else := {
	"kind": "allow",
	"total": data.limits.day_total_max,
	"count": data.limits.day_count_max,
}

refusal := "caller_unknown" if not input.is_known

else := "amount_invalid" if amount <= 0

else := "currency_not_supported" if input.transfer.currency != data.limits.currency

else := "not_your_account" if not input.transfer.from_account in input.accounts

else := "accounts_same" if input.transfer.from_account == input.transfer.to_account

else := "payee_not_allowed" if not payee_fits

else := "currency_not_supported" if input.available.currency != input.transfer.currency

else := "insufficient_funds" if input.available.minor < amount

else := "night_limit" if {
	amount > data.limits.night_max
	night
}

else := "over_transfer_max" if {
	not for_a_colleague
	amount > data.limits.transfer_max
}

else := "over_day_count" if {
	not for_a_colleague
	input.moved.count >= data.limits.day_count_max
}

else := "over_day_max" if {
	not for_a_colleague
	input.moved.sum + amount > data.limits.day_total_max
}

for_a_colleague if amount > data.limits.hand_off_above

payee_fits if data.limits.payees == "anyone"

payee_fits if input.transfer.payee == "same-owner"

payee_fits if {
	data.limits.payees == "known"
	input.transfer.payee == "known"
}

payee_fits if {
	data.limits.payees == "known"
	input.transfer.to_account in data.limits.payees_known
}

night if input.hour >= data.limits.night_from_hour

night if input.hour < data.limits.night_to_hour
