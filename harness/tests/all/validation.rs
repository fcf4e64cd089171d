//! Workers that break one rule of the protocol each, and the breaches that a validated run names.

// Other tests use the rest of this module.
#[allow(dead_code)]
use crate::tiny;
use std::sync::Arc;
use std::time::Duration;

use array_assay_harness::run::{Limits, Options};
use array_assay_harness::validate::{Breach, Validation};

/// The breaches of a short run of the tiny worker with a fault.
fn breaches(fault: &str, seconds: u64) -> Vec<Breach> {
    // The wait for the identity is short only for a worker that never sends it.
    let validation = Arc::<Validation>::default();
    let limits = Limits {
        hello: Duration::from_secs(if fault == "never-says-hello" { seconds } else { 60 }),
        ..Limits::new(Duration::from_secs(seconds), None)
    };
    let options = Options {
        select: vec!["elementwise/negative".parse().unwrap()],
        cases: 10,
        limits,
        validation: Some(Arc::clone(&validation)),
        ..tiny::options()
    };
    // The run may fail. Only the breaches matter here.
    let _ = tiny::run(&tiny::backend(fault), &options);
    validation.breaches()
}

#[track_caller]
fn assert_said(fault: &str, seconds: u64, words: [&str; 3]) {
    let breaches = breaches(fault, seconds);
    let one = breaches.first().unwrap_or_else(|| panic!("{fault}: nothing was found"));
    let text = one.to_string();
    assert!(words.iter().all(|word| text.contains(word)), "{fault}: {words:?}\n{text}");
    assert!(breaches[1..].iter().all(|other| other.frame >= one.frame || other.worker > one.worker), "{fault}: {breaches:#?}");
}

#[test]
fn a_worker_that_follows_the_protocol_breaks_no_rule() {
    let found = breaches("", 60);
    assert!(found.is_empty(), "{found:#?}");
    // These faults are not breaches of the protocol.
    for fault in ["wrong-value:negative", "raises:negative", "floods-stderr:negative", "flushes:negative"] {
        let found = breaches(fault, 60);
        assert!(found.is_empty(), "{fault}: {found:#?}");
    }
}

#[test]
fn each_breach_is_named() {
    for (fault, words) in [
        ("unknown-value:negative:int8", ["at outcomes.outcomes[", "{`array`: ...}", "`tensor`"]),
        ("short-data:negative:int8", ["].values[0].array[2]", "bytes for int8 of shape", "without padding"]),
        ("no-values:negative:int8", ["].values", "1 values: the registers", "0 values"]),
        ("unsupported:negative:int8", [".unsupported.capability", "declared as false", "`data-dependent shapes`"]),
        ("wrong-batch:negative:int8", ["at outcomes.id", "echo the id", "batches are answered in the order"]),
        ("wrong-first:negative:int8", ["at outcomes.first", "sent before", "in order"]),
        ("too-many-outcomes:negative:int8", ["at outcomes.outcomes", "at most", "1000 outcomes"]),
        ("repeats-outcomes:negative:int8", ["outcomes", "in order", "expected"]),
        ("length-too-short:negative:int8", ["one value of MessagePack", "no MessagePack", "do"]),
        ("prints:negative:int8", ["the text \"a st\"", "four bytes, little endian", "descriptor 1"]),
        ("truncates:negative:int8", ["goes on until `stop`", "cut off", "program   negative"]),
        ("exits:negative:int8", ["goes on until `stop`", "exit status: 0", "program   negative"]),
        ("wrong-version", ["identity.protocol", "expected  1", "found     2"]),
        ("garbage-for-hello", ["the text \"Welc\"", "frame 1 of worker 1", "descriptor 1"]),
        ("outcomes-for-hello", ["an identity", "answer `hello`", "frame 1 of worker 1"]),
        ("never-flushes", ["at least every 50 ms", "one frame for", "look at the clock"]),
        ("fails-at-stop", ["after `stop`", "exit status: 0", "exit status: 1"]),
        ("ignores-stop", ["after `stop`", "a process that goes on", "leave the loop"]),
    ] {
        assert_said(fault, 60, words);
    }
}

#[test]
fn silence_is_named() {
    assert_said("hangs:negative:int8", 1, ["program   negative", "silence for 1 s", "does this program hang?"]);
    assert_said("empty-frames:negative:int8", 5, ["at outcomes.outcomes", "at least one outcome", "found     none"]);
    assert_said("never-says-hello", 1, ["an identity, the answer to `hello`", "silence", "flush"]);
}
