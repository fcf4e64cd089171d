//! Children with descendants, which end with them.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use array_assay_process::{Group, memory, output};

/// Whether a process runs. A dead one that nobody has reaped does not.
fn runs(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z"))
}

/// Waits until none of these processes runs, for ten seconds at most. A killed process may run a moment longer.
fn all_end(ids: &[u32]) -> bool {
    (0..500).any(|_| {
        let runs = ids.iter().any(|id| runs(*id));
        if runs {
            sleep(Duration::from_millis(20));
        }
        !runs
    })
}

/// A shell that starts two processes, one of them in a session of its own, and prints their ids.
fn with_descendants(then: &str) -> (Group, Vec<u32>) {
    let script = format!("sleep 1000 & echo $!; setsid sh -c 'echo $$; exec sleep 1000' & {then}");
    let mut group = Group::spawn(Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped())).unwrap();
    let lines = BufReader::new(group.stdout().unwrap()).lines();
    let ids: Vec<u32> = lines.take(2).map(|line| line.unwrap().parse().unwrap()).collect();
    assert!(ids.iter().all(|id| runs(*id)));
    (group, ids)
}

#[test]
fn descendants_of_a_killed_child_end_with_it() {
    let (mut group, ids) = with_descendants("wait");
    group.kill();
    assert!(all_end(&ids), "{ids:?}");
}

#[test]
fn descendants_of_a_child_that_ends_by_itself_end_with_it() {
    let (mut group, ids) = with_descendants("read line; exit 7");
    assert_eq!(group.try_wait().unwrap(), None);
    drop(group.stdin());
    assert_eq!(group.wait().unwrap().code(), Some(7));
    assert!(all_end(&ids), "{ids:?}");
}

#[test]
fn output_does_not_wait_for_what_holds_the_pipe() {
    let output = output(Command::new("sh").args(["-c", "sleep 1000 & echo said; exit 3"])).unwrap();
    assert_eq!((output.status.code(), &*output.stdout), (Some(3), &b"said\n"[..]));
}

#[test]
fn the_memory_is_that_of_the_group() {
    let (group, ids) = with_descendants("wait");
    let own = memory(group.id(), 0).unwrap();
    assert!(memory(group.id(), u64::MAX).unwrap() > own, "{ids:?}");
}
