//! The same seed gives the same records, whatever the number of jobs, the size of batches and the shards.

use array_assay_format::Results;
use array_assay_harness::run::{Options, Shard};

use crate::tiny::{backend, options, results, run};

/// A worker without a fault, one with counterexamples to simplify, and one whose programs are given up.
const FAULTS: [&str; 3] = ["", "wrong-value:add:float32", "aborts:negative:float32"];

fn records(fault: &str, options: &Options) -> Results {
    results(run(&backend(fault), options).unwrap())
}

#[test]
fn records_do_not_depend_on_jobs_and_batches() {
    for fault in FAULTS {
        let whole = records(fault, &options());
        for (jobs, batch) in [(2, 256), (1, 7), (1, 1)] {
            let cut = records(fault, &Options { jobs, batch, ..options() });
            assert_eq!(cut.header, whole.header);
            assert_eq!(cut.checks, whole.checks, "{fault:?} with {jobs} jobs and batches of {batch}");
        }
    }
}

#[test]
fn merged_shards_have_the_records_of_the_whole_run() {
    for fault in FAULTS {
        let whole = records(fault, &options());
        let shards: Vec<Results> =
            [1, 2].into_iter().map(|i| records(fault, &Options { shard: Some(Shard::new(i, 2)), ..options() })).collect();
        assert!(shards.iter().all(|shard| shard.checks.len() < whole.checks.len()), "each shard runs a part");
        let merged = array_assay_reports::merge(shards, &array_assay_harness::run::place(array_assay_spec::Spec::embedded())).unwrap();
        assert_eq!(merged.header.options, whole.header.options);
        assert_eq!(merged.footer.verdicts, whole.footer.verdicts);
        assert_eq!(merged.footer.conforms, whole.footer.conforms);
        assert_eq!(merged.checks, whole.checks, "{fault:?}");
    }
}
