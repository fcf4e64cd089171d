//! A process that ends all groups if this program ends without doing so, for example because it was killed.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Reads the ids of groups that start (`+`) and end (`-`). The end of its input is the end of this program, whose id is the first argument.
/// Descendants that left their group have the variable `MARK`, where the system shows it.
const SCRIPT: &str = r#"
trap '' INT TERM HUP QUIT
live=' '
while read -r op id; do
    case $op in
        +) live="$live$id " ;;
        -) live="${live%% $id *} ${live#* $id }" ;;
    esac
done
for id in $live; do kill -s KILL -- "-$id"; done
for file in $(grep -lzs "^ARRAY_ASSAY_GROUP=$1\." /proc/[0-9]*/environ); do
    id=${file#/proc/}
    kill -s KILL "${id%/environ}"
done
"#;

/// The guard, which starts with the first group. `None` if it cannot be started.
fn guard() -> &'static Mutex<Option<Child>> {
    static GUARD: OnceLock<Mutex<Option<Child>>> = OnceLock::new();
    GUARD.get_or_init(|| {
        let mut command = Command::new("/bin/sh");
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.args(["-c", SCRIPT, "guard", &std::process::id().to_string()]).current_dir("/").env_clear().env("PATH", path);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Mutex::new(command.spawn().ok())
    })
}

/// Tells the guard of a group.
pub(crate) fn watch(id: u32) {
    tell('+', id);
}

/// Tells the guard that a group is gone.
pub(crate) fn forget(id: u32) {
    tell('-', id);
}

fn tell(op: char, id: u32) {
    let mut guard = guard().lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stdin) = guard.as_mut().and_then(|child| child.stdin.as_mut()) {
        let _ = writeln!(stdin, "{op} {id}");
    }
}
