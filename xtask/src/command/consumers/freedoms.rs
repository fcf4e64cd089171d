//! `consumers freedoms`: runs the consumers on array-api-strict while it takes one freedom of the standard at a time.

use std::collections::BTreeSet;
use std::ffi::OsString;

use array_assay_format::Glob;

use super::package::{Answer, Verdict, built_in, call, cases, line};
use super::truth::first_line;
use crate::cli;
use crate::exit::{Error, Exit};

/// Runs the command.
pub fn run(options: &cli::Freedoms) -> Result<Exit, Error> {
    let glob: Glob = options.select.parse().map_err(|e| Error::Usage(format!("read --select: {e}")))?;
    let lines: Vec<String> = cases(built_in()?, |function| glob.matches_text(function)).iter().map(line).collect();
    if lines.is_empty() {
        return Err(Error::Nothing(format!("run `{}`: no workload has such a name", options.select)));
    }
    let whole: BTreeSet<(String, String)> =
        answers("", lines.clone())?.into_iter().filter(|a| a.verdict.runs()).map(|a| (a.workload, a.case)).collect();
    print_line!("{} of {} cases run on array-api-strict as it is", whole.len(), lines.len());
    let mut names: Vec<String> = Vec::new();
    call(&["names".into()], &[], Vec::new(), &mut |name: String| {
        names.push(name);
        Ok(())
    })?;
    for freedom in &names {
        let broken: Vec<Answer> = answers(freedom, lines.clone())?;
        let broken: Vec<&Answer> =
            broken.iter().filter(|a| !a.verdict.runs() && whole.contains(&(a.workload.clone(), a.case.clone()))).collect();
        let workloads: BTreeSet<&str> = broken.iter().map(|a| a.workload.as_str()).collect();
        let silent: BTreeSet<&str> = broken.iter().filter(|a| a.verdict == Verdict::Differs).map(|a| a.workload.as_str()).collect();
        print_line!("\n{freedom}: {} workloads lean on it, {} of them give another result without a word", workloads.len(), silent.len());
        for answer in broken {
            print_line!("  {} {}: {}", answer.workload, answer.case, first_line(&answer.why));
        }
    }
    Ok(Exit::Success)
}

fn answers(freedom: &str, lines: Vec<String>) -> Result<Vec<Answer>, Error> {
    let args: Vec<OsString> = vec!["freedoms".into(), "--freedom".into(), freedom.into()];
    let mut out = Vec::new();
    call(&args, &[], lines, &mut |answer: Answer| {
        out.push(answer);
        Ok(())
    })?;
    Ok(out)
}
