//! Who may ask what, and how much may be sent.
//!
//! Outside sandbox nothing that reads or moves money is open; without its keys the host does not even start.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::harness::{
    ADMIN_TOKEN, API_TOKEN, Answer, Conversation, Host, KEY, Setup, client, sandbox, signed_now,
    within,
};

#[tokio::test]
async fn outside_sandbox_the_host_does_not_start_without_its_keys() -> Result<()> {
    for (name, sentence) in [
        ("RETELL_API_KEY", "RETELL_API_KEY not found"),
        ("ORCHESTRATOR_API_TOKEN", "ORCHESTRATOR_API_TOKEN not found"),
        (
            "ORCHESTRATOR_ADMIN_TOKEN",
            "ORCHESTRATOR_ADMIN_TOKEN not found",
        ),
    ] {
        for setup in [
            Setup::served("http://127.0.0.1:9")?.unset(name),
            Setup::served("http://127.0.0.1:9")?.set(name, ""),
            Setup::served("http://127.0.0.1:9")?.set(name, "  "),
        ] {
            let ended = setup.run()?;
            assert_eq!(ended.code, Some(1), "{name}: {ended:?}");
            assert!(ended.stderr.contains(sentence), "{name}: {}", ended.stderr);
            assert!(
                ended.stderr.contains(".env"),
                "what to do: {}",
                ended.stderr
            );
        }
    }
    Ok(())
}

/// A host outside sandbox, on the bank of one inside.
async fn served() -> Result<(Host, Host)> {
    let (bank, url) = Setup::bank("documented").await?;
    Ok((Setup::served(&url)?.start().await?, bank))
}

async fn ask(host: &Host, method: &str, path: &str, token: Option<&str>) -> Result<Answer> {
    let url = format!("{}{path}", host.url);
    let request = match method {
        "GET" => client().get(url),
        _ => client().post(url).json(&json!({"user_id": "user_1"})),
    };
    Answer::of(match token {
        Some(token) => request.header("authorization", token),
        None => request,
    })
    .await
}

#[tokio::test]
async fn tokens_open_what_is_theirs_and_no_more() -> Result<()> {
    let (host, _bank) = served().await?;
    let orchestrate = ("POST", "/orchestrate/get-user");
    let bearer = |token: &str| format!("Bearer {token}");
    let (api, admin) = (bearer(API_TOKEN), bearer(ADMIN_TOKEN));
    let cut = bearer(&API_TOKEN[..API_TOKEN.len() - 1]);
    for path in [
        "/admin/calls",
        "/admin/call?call_id=x",
        "/admin/decisions",
        "/metrics",
    ] {
        assert_eq!(
            ask(&host, "GET", path, Some(&api)).await?.problem(403),
            "token_insufficient",
            "{path}"
        );
        let opened = ask(&host, "GET", path, Some(&admin)).await?.status;
        assert!([200, 404].contains(&opened), "{path}: {opened}");
    }
    for (method, path) in [orchestrate, ("GET", "/admin/calls"), ("GET", "/metrics")] {
        for token in [
            None,
            Some(""),
            Some("Bearer"),
            Some("Bearer "),
            Some(API_TOKEN),
            Some(&cut),
            Some("Bearer x"),
        ] {
            let answer = ask(&host, method, path, token).await?;
            assert_eq!(
                answer.problem(401),
                "token_invalid",
                "{path} with {token:?}"
            );
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
        }
    }
    for token in [&api, &admin] {
        assert_eq!(
            ask(&host, orchestrate.0, orchestrate.1, Some(token))
                .await?
                .status,
            200
        );
    }
    for path in ["/health", "/livez", "/readyz"] {
        assert_eq!(ask(&host, "GET", path, None).await?.status, 200, "{path}");
    }
    Ok(())
}

/// Whatever orders the rules and the ledger about, and whatever shows them.
const ADMIN: [(&str, &str); 17] = [
    ("GET", "/admin/calls"),
    ("GET", "/admin/call?call_id=x"),
    ("GET", "/admin/decisions"),
    ("GET", "/admin/decisions/x"),
    ("GET", "/admin/pipeline"),
    ("GET", "/admin/pipeline/diff?from=a&to=b"),
    ("GET", "/admin/revisions"),
    ("GET", "/admin/revisions/x"),
    ("GET", "/admin/transfers"),
    ("GET", "/admin/transfers/x"),
    ("POST", "/admin/pipeline/activate"),
    ("POST", "/admin/pipeline/rollback"),
    ("POST", "/admin/pipeline/reload"),
    ("POST", "/admin/pipeline/halt"),
    ("POST", "/admin/pipeline/resume"),
    ("POST", "/admin/transfers/x/confirm"),
    ("POST", "/admin/transfers/x/write-off"),
];

#[tokio::test]
async fn nothing_of_an_operators_is_open_to_a_lesser_token_or_none() -> Result<()> {
    let (host, _bank) = served().await?;
    let bearer = |token: &str| format!("Bearer {token}");
    let (api, admin) = (bearer(API_TOKEN), bearer(ADMIN_TOKEN));
    for (method, path) in ADMIN {
        let context = format!("{method} {path}");
        let nobody = ask(&host, method, path, None).await?;
        assert_eq!(nobody.problem(401), "token_invalid", "{context}");
        let lesser = ask(&host, method, path, Some(&api)).await?;
        assert_eq!(lesser.problem(403), "token_insufficient", "{context}");
        let opened = ask(&host, method, path, Some(&admin)).await?.status;
        assert!(![401, 403, 405].contains(&opened), "{context}: {opened}");
    }
    Ok(())
}

#[tokio::test]
async fn outside_sandbox_nobody_is_enrolled_by_itself() -> Result<()> {
    let (host, _bank) = served().await?;
    let listed = host
        .setup
        .clone()
        .with_arguments(&["users", "list"])
        .run()?;
    assert_eq!(
        (listed.code, listed.stdout.as_str()),
        (Some(0), ""),
        "{listed:?}"
    );
    let mut stranger = Conversation::of(&host, "+19995550123");
    let said = stranger
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    assert_eq!(said.code, "caller_unknown", "{said:?}");
    // The bank knows her, and she is remembered; but she has no PIN here, so her number opens no more than a number may.
    let mut alice = Conversation::of_alice(&host);
    let said = alice
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    assert_eq!(said.code, "balance", "{said:?}");
    let profile = alice.invoke("get_profile", json!({})).await?;
    assert_eq!(profile.code, "pin_not_enrolled", "{profile:?}");
    let listed = host
        .setup
        .clone()
        .with_arguments(&["users", "list"])
        .run()?
        .stdout;
    assert!(
        listed.contains("********2671") && !listed.contains("415555"),
        "{listed}"
    );
    Ok(())
}

/// A `call_ended` of about this many bytes.
fn long_call(call_id: &str, bytes: usize) -> String {
    let line =
        json!({"role": "user", "content": "I would like to know my balance, please.", "words": []});
    let count = bytes / line.to_string().len();
    json!({"event": "call_ended", "call": {
        "call_id": call_id, "call_status": "ended", "transcript_object": vec![line; count],
    }})
    .to_string()
}

#[tokio::test]
async fn a_genuine_long_call_is_taken_and_what_is_larger_is_refused() -> Result<()> {
    let host = sandbox().await?;
    let id = Conversation::of_alice(host).call_id;
    // A machine that is busy with all other tests may need longer than a transaction has; 503 has it delivered again.
    let taken = async |what: &str, body: &str| {
        let delivered = within(Duration::from_secs(90), what, async || {
            let status = host.signed("/webhook", body.to_owned()).await?.status;
            Ok((status != 503).then_some(status))
        });
        anyhow::Ok(delivered.await?.0)
    };
    let genuine = long_call(&id, 5 * 1024 * 1024);
    assert_eq!(taken("a genuine long call is taken", &genuine).await?, 204);
    assert_eq!(host.state(&id).await?, "CALL_ENDED");

    let limit = 8 * 1024 * 1024;
    let mut exactly = format!(r#"{{"event":"x","padding":"{}"}}"#, "x".repeat(limit));
    exactly.replace_range(25..25 + exactly.len() - limit, "");
    assert_eq!(exactly.len(), limit);
    assert_eq!(taken("the limit itself is taken", &exactly).await?, 204);
    let over = exactly.replace(r#""x","#, r#""xx","#);
    assert_eq!(
        host.signed("/webhook", over).await?.problem(413),
        "body_too_large"
    );
    Ok(())
}

#[tokio::test]
async fn elsewhere_a_body_is_at_most_256_kib() -> Result<()> {
    let host = sandbox().await?;
    let of = |bytes: usize| {
        let frame = r#"{"user_id":"user_1","x":""}"#;
        frame.replace(r#""""#, &format!("\"{}\"", "x".repeat(bytes - frame.len())))
    };
    let fits = host
        .post_text("/orchestrate/get-user", &of(256 * 1024), &[])
        .await?;
    assert_ne!(fits.status, 413, "{}", fits.text);
    let over = host
        .post_text("/orchestrate/get-user", &of(256 * 1024 + 1), &[])
        .await?;
    assert_eq!(over.problem(413), "body_too_large");
    let inbound = host.signed("/webhook/inbound", of(256 * 1024 + 1)).await?;
    assert_eq!(inbound.problem(413), "body_too_large");
    Ok(())
}

#[tokio::test]
async fn a_body_without_an_announced_length_is_bounded_too() -> Result<()> {
    use std::io::{Read as _, Write as _};
    let host = sandbox().await?;
    let address = host.url.trim_start_matches("http://").to_owned();
    let answer = tokio::task::spawn_blocking(move || -> Result<String> {
        let mut line = std::net::TcpStream::connect(&address)?;
        line.set_read_timeout(Some(std::time::Duration::from_secs(20)))?;
        write!(line, "POST /orchestrate/get-user HTTP/1.1\r\nhost: x\r\n")?;
        write!(
            line,
            "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        )?;
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        for _ in 0..8 {
            // The host may hang up before it has all.
            if line.write_all(chunk.as_bytes()).is_err() {
                break;
            }
        }
        let mut answer = [0; 12];
        line.read_exact(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    });
    assert_eq!(answer.await??, "HTTP/1.1 413");
    Ok(())
}

#[tokio::test]
async fn compressed_bodies_are_refused() -> Result<()> {
    let host = sandbox().await?;
    let body = b"\x1f\x8b\x08\x00".to_vec();
    for (path, encoding) in [
        ("/webhook", "gzip"),
        ("/functions", "br"),
        ("/orchestrate/get-user", "deflate"),
    ] {
        let request = client()
            .post(format!("{}{path}", host.url))
            .header("content-encoding", encoding)
            .header("content-type", "application/json")
            .header("x-retell-signature", signed_now(KEY, &body))
            .body(body.clone());
        assert_eq!(
            Answer::of(request).await?.problem(415),
            "body_encoded",
            "{path}"
        );
    }
    Ok(())
}
