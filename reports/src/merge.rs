//! Merges the shards of one run.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{CheckId, Difference, Footer, Results, Timing};

use crate::invocation::invocation;

/// Why shards could not be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum MergeError {
    #[error("merge the shards: there are none; name the results file of each")]
    Nothing,
    #[error("merge file {file}: it does not hold a shard; run `conform` with `--shard I/N`")]
    NoShard { file: usize },
    #[error("merge file {file}: its shard `{shard}` is not I/N with 1 <= I <= N")]
    InvalidShard { file: usize, shard: String },
    #[error("merge file {file}: it is one of {found} shards, but the first file is one of {expected}")]
    OtherCount { file: usize, expected: u32, found: u32 },
    #[error("merge the shards: {} of {of} missing: {}; run {} again:{}", missing.len(), list(missing), if missing.len() == 1 { "it" } else { "them" }, lines(commands))]
    Hole { missing: Vec<u32>, of: u32, commands: Vec<String> },
    #[error("merge file {file}: shard {shard} was given twice")]
    Twice { file: usize, shard: u32 },
    #[error("merge file {file}: its {what} is {found}, but that of the first file is {expected}; all shards must belong to the same run")]
    Differs { file: usize, what: &'static str, expected: String, found: String },
    #[error("merge file {file}: another shard has the check {id} too")]
    Overlap { file: usize, id: CheckId },
}

fn list(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

/// Commands, a line each.
fn lines(commands: &[String]) -> String {
    commands.iter().map(|command| format!("\n  array-assay {command}")).collect()
}

/// Merges the shards `I/N` of one run, given in any order. Errors number the files from 1. The totals are sums, the backend conforms to a
/// revision if it does in every shard. The checks are sorted by the `place` of their functions, which is their order in a whole run.
pub fn merge(shards: Vec<Results>, place: &dyn Fn(&CheckId) -> usize) -> Result<Results, MergeError> {
    let mut header = shards.first().ok_or(MergeError::Nothing)?.header.clone();
    whole(&shards)?;
    for (i, shard) in shards.iter().enumerate() {
        if let Some(Difference { what, expected, found }) = header.difference(&shard.header, &["shard"]) {
            return Err(MergeError::Differs { file: i + 1, what, expected, found });
        }
        // Shards may run on different machines.
        header.add_platforms(&shard.header);
    }
    for of_a_part in ["shard", "balance"] {
        header.options.remove(of_a_part);
    }

    let footer = total(&shards);
    let (mut checks, mut seen) = (Vec::new(), BTreeSet::new());
    for (i, shard) in shards.into_iter().enumerate() {
        for check in shard.checks {
            if !seen.insert(check.id.clone()) {
                return Err(MergeError::Overlap { file: i + 1, id: check.id });
            }
            checks.push(check);
        }
    }
    // All checks of a function come from one shard, in the order of the run.
    checks.sort_by_cached_key(|check| place(&check.id));
    let mut verdicts = BTreeMap::new();
    for check in &checks {
        *verdicts.entry(check.verdict).or_insert(0) += 1;
    }
    let footer = Footer { checks: checks.len() as u64, verdicts, ..footer };
    Ok(Results { header, checks, footer })
}

/// Checks that every shard is there exactly once.
fn whole(shards: &[Results]) -> Result<(), MergeError> {
    let (mut of, mut seen) = (None, BTreeSet::new());
    for (i, shard) in shards.iter().enumerate() {
        let file = i + 1;
        let text = shard.header.options.get("shard").ok_or(MergeError::NoShard { file })?;
        let invalid = || MergeError::InvalidShard { file, shard: text.clone() };
        let (index, count) = text.split_once('/').ok_or_else(invalid)?;
        let (index, count): (u32, u32) = (index.parse().map_err(|_| invalid())?, count.parse().map_err(|_| invalid())?);
        if index == 0 || index > count {
            return Err(invalid());
        }
        let expected = *of.get_or_insert(count);
        if count != expected {
            return Err(MergeError::OtherCount { file, expected, found: count });
        }
        if !seen.insert(index) {
            return Err(MergeError::Twice { file, shard: index });
        }
    }
    let of = of.unwrap_or(0);
    let missing: Vec<u32> = (1..=of).filter(|index| !seen.contains(index)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let again = |index: &u32| {
        let mut header = shards[0].header.clone();
        header.options.insert("shard".to_owned(), format!("{index}/{of}"));
        invocation(&header)
    };
    let commands = missing.iter().map(again).collect();
    Err(MergeError::Hole { missing, of, commands })
}

/// The footer with the sums of the shards' footers. The caller fills in the counts of checks.
fn total(shards: &[Results]) -> Footer {
    let footers = || shards.iter().map(|shard| &shard.footer);
    let seconds = |of: fn(&Footer) -> f64| footers().map(of).sum::<f64>();
    let mut timing = Timing::default();
    footers().for_each(|footer| timing.add(&footer.timing));
    let mut conforms = BTreeMap::new();
    for (revision, holds) in footers().flat_map(|footer| &footer.conforms) {
        *conforms.entry(*revision).or_insert(true) &= *holds;
    }
    Footer {
        checks: 0,
        verdicts: BTreeMap::new(),
        conforms,
        calls: footers().map(|f| f.calls).sum(),
        wall_s: seconds(|f| f.wall_s),
        backend_s: seconds(|f| f.backend_s),
        workers: footers().map(|f| f.workers).max().unwrap_or_default(),
        timing,
        functions: footers().flat_map(|f| f.functions.clone()).collect(),
        restarts: footers().map(|f| f.restarts).sum(),
        retries: footers().map(|f| f.retries).sum(),
        // The last shard to end ends the run. The times have one form, so their order is that of their texts.
        finished: footers().filter_map(|f| f.finished.clone()).max(),
    }
}
