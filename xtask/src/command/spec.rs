//! `spec check`, `spec coverage` and `spec diff`.

use array_assay_format::{Results, Revision};
use array_assay_reports::Input;
use array_assay_spec::{Spec, audit};

use crate::cli::{self, SpecCommand};
use crate::exit::{Error, Exit};
use crate::place;

/// Runs the command.
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
                None => Spec::built_in().map_err(Error::BuiltIn)?,
            };
            let mut faults = audit::check(spec);
            faults.extend(array_assay_harness::exercise::idle(spec));
            for fault in &faults {
                print_line!("{fault}");
            }
            let rules: usize = spec.functions.iter().filter(|f| f.operator.is_none()).map(|f| f.rules.len()).sum();
            print_line!(
                "{} functions with {rules} special cases and {} checks; {} gaps with {} checks; {} faults",
                spec.functions.len(),
                spec.checks().count(),
                spec.gaps().len(),
                spec.gap_checks().count(),
                faults.len()
            );
            Ok(if faults.is_empty() { Exit::Success } else { Exit::Deviations })
        }
        SpecCommand::Coverage { html: Some(out), results } => {
            let results = results.iter().map(|path| Results::read(path)).collect::<Result<Vec<_>, _>>()?;
            let inputs = results.iter().map(|results| Input::given(results, Vec::new())).collect();
            let standard = array_assay_reports::standard(Spec::embedded());
            let page = array_assay_reports::coverage::<Error>(&standard, inputs, &place::resolve(out))?;
            print_line!("clauses: {}", page.display());
            Ok(Exit::Success)
        }
        SpecCommand::Coverage { html: None, .. } => {
            let coverage = audit::coverage(Spec::embedded());
            print_line!("{coverage}");
            let open = coverage.clauses.iter().any(|clause| clause.tested_by.is_empty() && clause.untestable.is_none());
            Ok(if open { Exit::Deviations } else { Exit::Success })
        }
        SpecCommand::Diff { upstream, revision, write_pages } => {
            let python = std::env::var_os(array_assay_python::PYTHON_VARIABLE).unwrap_or_else(|| "python3".into());
            let one = revision.map(|revision| vec![revision]);
            let revisions = one.as_deref().unwrap_or(Revision::ALL);
            let diff = audit::diff(Spec::embedded(), upstream, revisions, python.as_ref())?;
            if *write_pages {
                let root = place::workspace().ok_or_else(|| {
                    Error::Usage("write spec/pages.yaml: start the command as `cargo xtask` in the repository".to_owned())
                })?;
                let path = root.join("spec/pages.yaml");
                std::fs::write(&path, diff.pages.to_yaml()).map_err(|e| Error::Fault(format!("write {}: {e}", path.display())))?;
                print_line!("written: {}", path.display());
            }
            print_line!("{diff}\nthe spec's draft is that of upstream commit {}", Spec::embedded().draft);
            Ok(if diff.is_empty() { Exit::Success } else { Exit::Deviations })
        }
    }
}
