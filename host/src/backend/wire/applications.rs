//! Applications for loans and cards, and the assistant's question, in the bank's JSON.
//!
//! Both dialects write them alike: `{status, application_id, message}`.

use serde_json::{Value, json};

use super::{Garbage, id, number, same, text, unwrap_details};
use crate::backend::types::OpenQuestion;
use crate::call::intent::{CreditCard, Loan};
use crate::call::outcome::Application;

/// The body that applies for a loan.
pub(in crate::backend) fn loan(user_id: &str, loan: &Loan, reference: &str) -> Value {
    json!({
        "user_id": user_id,
        "loan_amount": number(&loan.amount),
        "loan_purpose": loan.purpose,
        "term_years": loan.years,
        "reference": reference,
    })
}

/// The body that applies for a credit card.
pub(in crate::backend) fn credit_card(user_id: &str, card: &CreditCard, reference: &str) -> Value {
    json!({
        "user_id": user_id,
        "card_type": card.kind,
        "credit_limit": number(&card.limit),
        "reference": reference,
    })
}

/// The answer to either.
pub(in crate::backend) fn submitted(body: &[u8]) -> Result<Application, Garbage> {
    let value = super::json(body)?;
    let application_id = id(&value, &["application_id", "id"])?;
    application(
        &value,
        application_id.ok_or(Garbage::Field("application_id"))?,
    )
}

/// What became of one.
pub(in crate::backend) fn status(body: &[u8], asked: &str) -> Result<Application, Garbage> {
    let value = super::json(body)?;
    same(
        id(&value, &["application_id", "id"])?,
        asked,
        "application_id",
    )?;
    application(&value, asked.to_owned())
}

/// The body that asks the bank's agent.
pub(in crate::backend) fn question(asked: &OpenQuestion) -> Value {
    let transcript: Vec<Value> = asked
        .transcript
        .iter()
        .map(|said| {
            json!({"role": if said.by_agent { "agent" } else { "user" }, "content": said.text})
        })
        .collect();
    json!({
        "call_id": asked.call_id,
        "user_id": asked.user_id,
        "question": asked.question,
        "transcript": transcript,
    })
}

/// `{"reply": text}`.
pub(in crate::backend) fn reply(body: &[u8]) -> Result<String, Garbage> {
    text(&super::json(body)?, &["reply"]).ok_or(Garbage::Field("reply"))
}

fn application(value: &Value, id: String) -> Result<Application, Garbage> {
    let (details, _) = unwrap_details(value);
    let status = text(details, &["status"]).ok_or(Garbage::Field("status"))?;
    Ok(Application {
        id,
        status,
        message: text(details, &["message"]).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Money;
    use crate::call::session::Utterance;

    #[test]
    fn an_application_is_written_with_exact_amounts_and_read_back() {
        let wanted = Loan {
            amount: Money::new(1_000_000, "USD"),
            purpose: "car".to_owned(),
            years: 5,
        };
        assert_eq!(
            loan("user_1", &wanted, "r")["loan_amount"].to_string(),
            "10000.00"
        );
        let card = CreditCard {
            kind: "gold".to_owned(),
            limit: Money::new(250_050, "USD"),
        };
        assert_eq!(
            credit_card("user_1", &card, "r")["credit_limit"].to_string(),
            "2500.50"
        );

        let body = br#"{"status":"submitted","application_id":"loan_1","message":"Thank you."}"#;
        let found = submitted(body).unwrap();
        assert_eq!(
            (found.id.as_str(), found.status.as_str()),
            ("loan_1", "submitted")
        );
        assert!(status(body, "loan_1").is_ok());
        assert!(status(body, "loan_2").is_err());
        assert_eq!(
            submitted(b"{\"status\":\"x\"}"),
            Err(Garbage::Field("application_id"))
        );
    }

    #[test]
    fn a_question_names_who_said_what() {
        let asked = OpenQuestion {
            call_id: "c".to_owned(),
            user_id: None,
            question: "When do you open?".to_owned(),
            transcript: vec![Utterance {
                by_agent: true,
                text: "Hello.".to_owned(),
            }],
        };
        let body = question(&asked);
        assert_eq!(body["transcript"][0]["role"], "agent");
        assert!(body["user_id"].is_null());
        assert_eq!(
            reply(b"{\"reply\":\"At nine.\"}").as_deref(),
            Ok("At nine.")
        );
        assert_eq!(reply(b"{\"reply\":\"\"}"), Err(Garbage::Field("reply")));
    }
}
