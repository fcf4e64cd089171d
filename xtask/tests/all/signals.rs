//! Runs that a signal ends, and what they leave behind.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use array_assay_format::Results;

use crate::command_line::{TOOL, conform_tiny, folder, partial_file, tiny};

/// Whether a process runs. A dead one that nobody has reaped does not.
fn runs(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z"))
}

/// The fields of `/proc/ID/stat` after the name: the state, the parent, the group, ...
fn stat(id: u32) -> Vec<String> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').map(str::to_owned).collect()).unwrap_or_default()
}

/// Waits until something holds. Fails after a time that no machine needs.
#[track_caller]
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A run whose worker has started two processes and hangs: the tool, and the ids of the worker and of these processes.
fn hanging(dir: &Path) -> (Child, Vec<u32>) {
    let mut command = Command::new(TOOL);
    let backend = tiny("hangs-with-children:negative", dir);
    command.args(["conform", &backend, "--select=elementwise/negative", "--jobs=1", "--out=out", "--cases=60", "--timeout=600"]);
    command.current_dir(dir).env_remove("CARGO_MANIFEST_DIR").env("XDG_CACHE_HOME", dir);
    let tool = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let file = dir.join("state.pids");
    let pids = || std::fs::read_to_string(&file).unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect::<Vec<u32>>();
    wait_until("the worker has started its children", || pids().len() == 2);
    let mut ids = pids();
    let worker = |id: &u32| stat(*id).get(1) == Some(&tool.id().to_string());
    let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok());
    ids.extend(all.filter(worker));
    (tool, ids)
}

fn signal(name: &str, id: u32) {
    // It may have ended in the meantime.
    let _ = Command::new("kill").args(["-s", name, &id.to_string()]).stderr(Stdio::null()).status().unwrap();
}

#[test]
fn a_signal_ends_the_run_and_everything_that_the_worker_started() {
    for name in ["INT", "TERM", "HUP"] {
        let dir = folder();
        let (mut tool, ids) = hanging(dir.path());
        signal(name, tool.id());
        let said: Vec<String> = BufReader::new(tool.stderr.take().unwrap()).lines().map_while(Result::ok).collect();
        assert_eq!(tool.wait().unwrap().code(), Some(1), "{name}: {said:?}");
        assert!(said.iter().any(|line| line.contains("--resume")), "{name}: {said:?}");
        wait_until("nothing is left", || !ids.iter().any(|id| runs(*id)));
    }
}

#[test]
fn a_killed_run_leaves_no_process() {
    let dir = folder();
    let (mut tool, ids) = hanging(dir.path());
    tool.kill().unwrap();
    tool.wait().unwrap();
    let (header, checks, _) = Results::read_partial(&partial_file(dir.path())).unwrap();
    assert_eq!((&*header.backend.library, checks.len()), ("tiny", 0), "the header is there before the first function ends");
    wait_until("nothing is left", || !ids.iter().any(|id| runs(*id)));
}

#[test]
fn what_ran_before_a_signal_is_kept() {
    for fault in ["interrupts:negative", "terminates:negative", "hangs-up:negative"] {
        let dir = folder();
        let said = conform_tiny(dir.path(), fault, &[]);
        assert!(said.code == 1 && said.err.contains("--resume"), "{fault}: {} {}", said.code, said.err);
        let (_, done, footer) = Results::read_partial(&partial_file(dir.path())).unwrap();
        assert!(footer.is_none() && done.iter().any(|check| check.id.function == "abs"), "{fault}");
    }
}
