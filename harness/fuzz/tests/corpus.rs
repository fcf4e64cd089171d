//! Every file of the corpus, and mutations of them, through the decoder that they belong to: none panics, overflows the stack or asks for much
//! memory.
//!
//! `ARRAY_ASSAY_FUZZ_SECONDS` goes on for so long with each target, `ARRAY_ASSAY_FUZZ_SEED` begins elsewhere. An input that fails stays in
//! `target/tmp/fuzz/TARGET`: added to `corpus/TARGET/`, it is tried in every run from then on.

use std::alloc::System;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use array_assay_fuzz::{Mutator, TARGETS, Target};
use cap::Cap;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// What a target may have at one time beside what it had at its start. Beyond it the process is aborted.
const MOST_MEMORY: usize = 256 << 20;

/// Mutated inputs of each target in a run of the test suite.
const ROUNDS: u64 = 500;

/// The stack of a target: that of any thread but the first.
const STACK: usize = 2 << 20;

/// The limit of memory is one for the process: one target after the other.
static ALONE: Mutex<()> = Mutex::new(());

fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let listing = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("open {}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = listing.map(|entry| entry.expect("an entry of the folder").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(&path).expect("a file of the corpus"))).collect()
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// Runs one input. It is written to a file first, for a stack that overflows ends the process.
fn fails(target: &Target, input: &[u8], kept: &Path) -> bool {
    std::fs::write(kept, input).expect("the folder of the build can be written to");
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err()
}

fn fuzz(name: &'static str) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    std::fs::create_dir_all(&folder).expect("the folder of the build can be written to");
    let kept = folder.join(name);
    let run = move || {
        let corpus = corpus(target);
        let inputs: Vec<Vec<u8>> = corpus.iter().map(|(_, bytes)| bytes.clone()).collect();
        // What is made once, such as the spec, does not count.
        (target.run)(&inputs[0]);
        MEMORY.set_limit(MEMORY.allocated() + MOST_MEMORY).expect("a limit above what there is");
        for (path, input) in &corpus {
            assert!(!fails(target, input, &kept), "{name} fails on {}", path.display());
        }
        let (seed, seconds) = (number("ARRAY_ASSAY_FUZZ_SEED").unwrap_or(0), number("ARRAY_ASSAY_FUZZ_SECONDS"));
        let (mut mutator, began) = (Mutator::new(seed), Instant::now());
        let goes_on = |round| seconds.map_or(round < ROUNDS, |seconds| began.elapsed() < Duration::from_secs(seconds));
        let mut round = 0;
        while goes_on(round) {
            let input = mutator.input(&inputs, target.form, target.tokens);
            assert!(!fails(target, &input, &kept), "{name} fails on {}, round {round} of seed {seed}", kept.display());
            round += 1;
        }
        println!("{name}: {round} mutated inputs, seed {seed}");
        MEMORY.set_limit(usize::MAX).expect("no limit is above what there is");
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn frames_of_workers() {
    fuzz("worker_frame");
}

#[test]
fn frames_of_the_harness() {
    fuzz("host_frame");
}

#[test]
fn results_files() {
    fuzz("results");
}

#[test]
fn baselines() {
    fuzz("baseline");
}

#[test]
fn expressions() {
    fuzz("expression");
}

#[test]
fn bodies_of_polyfills() {
    fuzz("polyfill");
}

#[test]
fn files_of_the_spec() {
    fuzz("spec");
}

#[test]
fn every_target_has_its_corpus() {
    for target in TARGETS {
        assert!(corpus(&target).len() > 1, "{}", target.name);
    }
}
