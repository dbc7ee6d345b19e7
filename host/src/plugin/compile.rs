//! Compilation, away from the host: a child process with bounds of its own turns a component's bytes into machine code.
//!
//! A compiler is not protected against hostile input by anybody's promise. So the host never compiles: it starts itself once more
//! with the hidden command `compile-component`, without environment and at low priority, hands the bytes in and takes code or one
//! sentence out. What the child may use is its argument; how long it may take is held here.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::code;
use super::error::LoadError;

/// The hidden command's name.
pub const COMMAND: &str = "compile-component";
/// Machine code is a few times as large as the component; what is larger by this much is not taken.
const CODE_PER_BYTE_MAX: u64 = 32;
/// Every component has some code.
const CODE_BYTES_MIN: u64 = 16 * 1024 * 1024;
/// A reason is one sentence.
const REASON_BYTES_MAX: u64 = 4 * 1024;
/// The exit code of a child that says why the bytes are no component; no other end of a process has it.
const REFUSED: u8 = 65;
/// How a core module begins, which is WebAssembly and no component.
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// What one compilation may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) time_ms_max: u64,
    pub(super) memory_bytes_max: u64,
}

/// Compiles in a child process.
pub(super) async fn in_child(
    program: Option<&Path>,
    bytes: &[u8],
    bounds: Bounds,
) -> Result<Vec<u8>, LoadError> {
    let unavailable = |cause: std::io::Error| LoadError::CompilerUnavailable(cause);
    let mut child = Command::new(program.map_or_else(itself, Path::to_owned))
        .arg(COMMAND)
        .args(["--memory-bytes-max", &bounds.memory_bytes_max.to_string()])
        .args([
            "--seconds-max",
            &(bounds.time_ms_max / 1_000 + 1).to_string(),
        ])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(unavailable)?;
    let code_max = CODE_BYTES_MIN + CODE_PER_BYTE_MAX * bytes.len() as u64;
    let limit = Duration::from_millis(bounds.time_ms_max);
    let (status, code, reason) = tokio::time::timeout(limit, talk(&mut child, bytes, code_max))
        .await
        .map_err(|_| LoadError::CompileTimeExceeded {
            max_ms: bounds.time_ms_max,
        })?
        .map_err(unavailable)?;
    if status.success() {
        return Ok(code);
    }
    if status.code() == Some(i32::from(REFUSED)) {
        let why = beginning(bytes).unwrap_or_else(|| advised(reason));
        return Err(LoadError::NotAComponent(why));
    }
    Err(LoadError::CompilerCrashed {
        how: ended(status),
        memory_bytes_max: bounds.memory_bytes_max,
    })
}

/// What the first bytes say of a file that is no component; none where the compiler knows more.
fn beginning(bytes: &[u8]) -> Option<String> {
    let what = match bytes {
        [] => "it is empty; copy the component again",
        _ if bytes.starts_with(CORE_MODULE) => {
            "a core module; `cargo xtask plugins` makes a component of it"
        }
        _ if !bytes.starts_with(&CORE_MODULE[..4]) => {
            "it does not begin as WebAssembly does; copy the component again"
        }
        _ => return None,
    };
    Some(what.to_owned())
}

/// The compiler's reason, with what to do where the end of the file is missing.
fn advised(reason: String) -> String {
    let is_cut_short = ["out of bounds", "unexpected end", "unexpected-end"]
        .iter()
        .any(|sign| reason.contains(sign));
    if is_cut_short {
        format!("it seems to be cut short, copy the component again; {reason}")
    } else {
        reason
    }
}

/// Hands the bytes in while the code comes out; a child that does not read, or writes without end, is cut off.
async fn talk(
    child: &mut Child,
    bytes: &[u8],
    code_max: u64,
) -> std::io::Result<(ExitStatus, Vec<u8>, String)> {
    let mut input = child.stdin.take().expect("piped");
    let mut output = child.stdout.take().expect("piped").take(code_max);
    let mut errors = child.stderr.take().expect("piped").take(REASON_BYTES_MAX);
    let (mut code, mut reason) = (Vec::new(), Vec::new());
    let write = async {
        // A child that has ended does not read on; its exit code says why.
        let _ = input.write_all(bytes).await;
        drop(input);
    };
    let ((), read, said) = tokio::join!(
        write,
        output.read_to_end(&mut code),
        errors.read_to_end(&mut reason)
    );
    read?;
    said?;
    // A child that still writes has more code than is taken: it ends with a broken pipe.
    drop((output, errors));
    let status = child.wait().await?;
    let reason = String::from_utf8_lossy(&reason);
    Ok((status, code, reason.trim().to_owned()))
}

/// The binary that runs now, also after its file was replaced by a newer one.
fn itself() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return running.to_owned();
    }
    std::env::current_exe().unwrap_or_else(|_| "orchestrator".into())
}

fn ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "without a word".to_owned(),
    }
}

/// In the child: standard input to standard output, within these bounds. Gives the exit code.
#[must_use]
pub fn compile_here(memory_bytes_max: u64, seconds_max: u64) -> std::process::ExitCode {
    let mut bytes = Vec::new();
    let ready = restrain(memory_bytes_max, seconds_max)
        .and_then(|()| std::io::stdin().lock().read_to_end(&mut bytes));
    if let Err(cause) = ready {
        let _ = writeln!(std::io::stderr(), "{cause}");
        return std::process::ExitCode::FAILURE;
    }
    match code::precompile(&bytes) {
        Ok(made) => match std::io::stdout().lock().write_all(&made) {
            Ok(()) => std::process::ExitCode::SUCCESS,
            Err(_) => std::process::ExitCode::FAILURE,
        },
        Err(reason) => {
            let _ = writeln!(std::io::stderr(), "{reason}");
            std::process::ExitCode::from(REFUSED)
        }
    }
}

/// Bounds that hold whatever happens to the parent: memory, processor time, no core file; and others go first.
fn restrain(memory_bytes_max: u64, seconds_max: u64) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, nice, setrlimit};
    let limit = |resource, max: u64| {
        // A bound that the system has set already can only be lowered.
        let max = getrlimit(resource)
            .maximum
            .map_or(max, |there| there.min(max));
        let both = Rlimit {
            current: Some(max),
            maximum: Some(max),
        };
        setrlimit(resource, both)
    };
    // What is written to, not what is only reserved: allocators reserve much more than they use.
    limit(Resource::Data, memory_bytes_max)?;
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    limit(Resource::Cpu, seconds_max * processors)?;
    limit(Resource::Core, 0)?;
    // A host that may not lower its own priority compiles all the same.
    let _ = nice(10);
    Ok(())
}
