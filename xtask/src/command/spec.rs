//! `spec check`, `spec coverage`, `spec diff`.

use array_assay_format::Revision;
use array_assay_spec::{Spec, audit};

use crate::cli::{self, SpecCommand};
use crate::exit::{Error, Exit};

/// Audits the spec.
pub fn run(options: &cli::Spec) -> Result<Exit, Error> {
    match &options.command {
        SpecCommand::Check { dir } => {
            let loaded;
            let dir = dir.clone().or_else(|| crate::place::workspace().map(|root| root.join("spec")));
            let spec = match dir {
                Some(dir) => {
                    loaded = Spec::load(&dir)?;
                    &loaded
                }
                None => Spec::embedded(),
            };
            let faults = audit::check(spec);
            for fault in &faults {
                println!("{fault}");
            }
            let rules: usize = spec.functions.iter().filter(|f| f.operator.is_none()).map(|f| f.rules.len()).sum();
            println!(
                "{} functions, {rules} special cases, {} checks; {} gaps, {} checks of them: {} faults",
                spec.functions.len(),
                spec.checks().count(),
                spec.gaps().len(),
                spec.gap_checks().count(),
                faults.len()
            );
            Ok(if faults.is_empty() { Exit::Success } else { Exit::Deviations })
        }
        SpecCommand::Coverage => {
            let coverage = audit::coverage(Spec::embedded());
            println!("{coverage}");
            let open = coverage.clauses.iter().any(|clause| clause.tested_by.is_empty() && clause.untestable.is_none());
            Ok(if open { Exit::Deviations } else { Exit::Success })
        }
        SpecCommand::Diff { upstream, revision } => {
            let python = std::env::var_os(array_assay_python::PYTHON_VARIABLE).unwrap_or_else(|| "python3".into());
            let one = revision.map(|revision| vec![revision]);
            let revisions = one.as_deref().unwrap_or(Revision::published());
            let diff = audit::diff(Spec::embedded(), upstream, revisions, python.as_ref())?;
            println!("{diff}");
            Ok(if diff.is_empty() { Exit::Success } else { Exit::Deviations })
        }
    }
}
