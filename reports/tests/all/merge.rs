//! Shards put together.

use crate::sample;
use array_assay_format::{Results, Revision};
use array_assay_reports::MergeError;

/// The run that the shards make.
fn merge(shards: Vec<Results>) -> Result<Results, MergeError> {
    let order: Vec<_> = sample::run("compat:torch").checks.into_iter().map(|check| check.id).collect();
    array_assay_reports::merge(shards, &|id| order.iter().position(|of| of == id).unwrap_or_default())
}

/// The shards of a run: every `of`-th check.
fn shards(of: usize) -> (Results, Vec<Results>) {
    let whole = sample::run("compat:torch");
    let part = |index: usize| {
        let checks = whole.checks.iter().enumerate().filter(|(i, _)| i % of == index).map(|(_, check)| check.clone()).collect();
        let mut shard = sample::finish(whole.header.backend.clone(), checks);
        shard.header.options.insert("shard".to_owned(), format!("{}/{of}", index + 1));
        shard
    };
    let parts = (0..of).map(part).collect();
    (whole, parts)
}

#[test]
fn shards_in_any_order_make_the_run() {
    let (whole, mut parts) = shards(3);
    parts.rotate_left(1);
    let merged = merge(parts).unwrap();
    assert_eq!(merged.header, whole.header);
    assert_eq!(merged.checks, whole.checks);
    assert_eq!(merged.footer.verdicts, whole.footer.verdicts);
    assert_eq!(merged.footer.conforms, whole.footer.conforms);
    assert_eq!(merged.footer.checks, whole.footer.checks);
    assert_eq!(merged.footer.calls, 3 * whole.footer.calls);
    assert_eq!(merged.footer.wall_s, 3.0 * whole.footer.wall_s);
    assert!(!merged.footer.conforms[&Revision::V2025_12]);
}

#[test]
fn shards_of_other_machines_keep_both_platforms() {
    let (_, mut parts) = shards(2);
    parts[1].header.backend.platform = "Linux 6.9 x86_64".to_owned();
    assert_eq!(merge(parts).unwrap().header.backend.platform, "Linux 6.8 x86_64; Linux 6.9 x86_64");
}

#[test]
fn what_is_no_whole_run_is_refused() {
    let broken = |harm: &dyn Fn(&mut Vec<Results>)| {
        let (_, mut parts) = shards(3);
        harm(&mut parts);
        merge(parts).unwrap_err()
    };
    let set = |parts: &mut Vec<Results>, i: usize, shard: &str| parts[i].header.options.insert("shard".to_owned(), shard.to_owned());
    assert_eq!(broken(&|parts| parts.clear()), MergeError::Nothing);
    assert_eq!(
        broken(&|parts| drop(parts.remove(1))),
        MergeError::Hole { missing: vec![2], of: 3, commands: vec!["conform compat:torch --seed 0 --cases 100 --shard 2/3".to_owned()] }
    );
    assert_eq!(broken(&|parts| parts[1].header.options.clear()), MergeError::NoShard { file: 2 });
    assert!(matches!(broken(&|parts| drop(set(parts, 1, "0/3"))), MergeError::InvalidShard { file: 2, .. }));
    assert!(matches!(broken(&|parts| drop(set(parts, 1, "two"))), MergeError::InvalidShard { file: 2, .. }));
    assert_eq!(broken(&|parts| drop(set(parts, 1, "2/4"))), MergeError::OtherCount { file: 2, expected: 3, found: 4 });
    assert_eq!(broken(&|parts| parts[2] = parts[0].clone()), MergeError::Twice { file: 3, shard: 1 });
    assert!(matches!(broken(&|parts| parts[2].header.seed = 1), MergeError::Differs { file: 3, what: "seed", .. }));
    assert!(matches!(broken(&|parts| parts[1].header.cases = 5), MergeError::Differs { what: "number of cases", .. }));
    assert!(matches!(broken(&|parts| parts[1].header.backend.version.push('x')), MergeError::Differs { what: "library's version", .. }));
    assert!(matches!(broken(&|parts| parts[1].header.backend.name.push('x')), MergeError::Differs { what: "backend", .. }));
    let select = |parts: &mut Vec<Results>| drop(parts[1].header.options.insert("select".to_owned(), "linalg/*".to_owned()));
    assert!(matches!(broken(&select), MergeError::Differs { what: "options", .. }));
    let overlap = broken(&|parts| {
        let check = parts[0].checks[0].clone();
        parts[2].checks.push(check);
    });
    assert!(matches!(overlap, MergeError::Overlap { file: 3, .. }), "{overlap}");
}
