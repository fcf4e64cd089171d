//! `consumers truth`: runs the real consumers on a real library, and writes what became of each workload.

use std::ffi::OsString;
use std::path::PathBuf;

use array_assay_format::Glob;
use array_assay_reports::Really;

use super::package::{Answer, Verdict, built_in, call, cases, line};
use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// Runs the command.
pub fn run(options: &cli::Truth) -> Result<Exit, Error> {
    let library = array_assay_python::find(&options.backend)?;
    let worker = array_assay_python::named(&options.backend, &place::state(), &mut |line| warn_line!("{line}"))?;
    let module = consumers_own(&library.module);
    let mut args: Vec<OsString> =
        vec!["truth".into(), "--module".into(), module.into(), "--limit".into(), options.timeout.to_string().into()];
    if let Some(site) = array_assay_python::packages_of(&worker) {
        args.extend(["--site".into(), site.into()]);
    }
    if let Some(out) = library.out() {
        args.extend(["--out-expression".into(), out.into()]);
    }
    let glob: Glob = options.select.parse().map_err(|e| Error::Usage(format!("read --select: {e}")))?;
    let cases = cases(built_in()?, |function| glob.matches_text(function));
    if cases.is_empty() {
        return Err(Error::Nothing(format!("run `{}`: no workload has such a name", options.select)));
    }
    let mut answers: Vec<Answer> = Vec::new();
    call(&args, &worker.env, cases.iter().map(line).collect(), &mut |answer: Answer| {
        if !answer.verdict.runs() {
            print_line!("{} {}: {:?}: {}", answer.workload, answer.case, answer.verdict, first_line(&answer.why));
        }
        answers.push(answer);
        Ok(())
    })?;
    let count = |is: fn(Verdict) -> bool| answers.iter().filter(|answer| is(answer.verdict)).count();
    print_line!(
        "{}: of {} cases {} work, {} answer with arrays of NumPy, {} differ, {} fail",
        options.backend,
        answers.len(),
        count(|v| v == Verdict::Works),
        count(|v| v == Verdict::Elsewhere),
        count(|v| v == Verdict::Differs),
        count(|v| matches!(v, Verdict::Fails | Verdict::Timeout | Verdict::Crash))
    );
    if options.select == "*" || options.out.is_some() {
        let path = options.out.clone().unwrap_or_else(|| file(&options.backend));
        std::fs::write(&path, text(&options.backend, &answers)?).map_err(|source| Error::File {
            what: "write",
            path: path.clone(),
            source,
        })?;
        print_line!("written to {}", path.display());
    }
    Ok(Exit::Success)
}

/// The namespace that a user of the consumers hands arrays of: a library's own, since consumers carry array-api-compat themselves.
pub fn consumers_own(module: &str) -> String {
    module.strip_prefix("array_api_compat.").unwrap_or(module).to_owned()
}

/// The file of a library's truth.
pub fn file(backend: &str) -> PathBuf {
    let name = format!("backends/python/truth/{}.yaml", backend.replace(':', "-"));
    place::workspace().map_or_else(|| PathBuf::from(&name), |root| root.join(&name))
}

/// The truth about a library.
pub fn read(backend: &str) -> Result<Vec<Answer>, Error> {
    #[derive(serde::Deserialize)]
    struct File {
        cases: Vec<Answer>,
    }
    let path = file(backend);
    let text = std::fs::read_to_string(&path).map_err(|source| Error::File { what: "read", path: path.clone(), source })?;
    let file: File = serde_yaml::from_str(&text).map_err(|e| Error::Usage(format!("read {}: {e}", path.display())))?;
    Ok(file.cases)
}

/// What the report says of the real consumers on a library. Nothing, if that is not known.
pub fn told(backend: &str) -> Vec<Really> {
    let told = |answer: Answer| {
        // The consumer's own line, and not that of the library below it.
        let package = |line: &String| line.split('/').next().map(str::to_owned);
        let own = answer.lines.iter().rfind(|line| package(line) == answer.lines.first().and_then(package));
        let at = own.map(|line| format!(" at {line}")).unwrap_or_default();
        let why = if answer.why.is_empty() { String::new() } else { format!(": {}", first_line(&answer.why)) };
        Really {
            says: format!("{}{at}{why}", answer.verdict.says()),
            runs: answer.verdict.runs(),
            workload: answer.workload,
            case: answer.case,
        }
    };
    read(backend).unwrap_or_default().into_iter().map(told).collect()
}

fn text(backend: &str, answers: &[Answer]) -> Result<String, Error> {
    let mut out = format!("# Written by `cargo xtask consumers truth {backend}`, never by hand.\ncases:\n");
    for answer in answers {
        let verdict = format!("{:?}", answer.verdict).to_lowercase();
        out += &format!("- {{workload: {:?}, case: {}, verdict: {verdict}", answer.workload, answer.case);
        if answer.late {
            out += ", late: true";
        }
        if !answer.why.is_empty() {
            out += &format!(", why: {}", serde_json::Value::from(first_line(&answer.why)));
        }
        if !answer.lines.is_empty() {
            out += &format!(", lines: {}", serde_json::json!(answer.lines));
        }
        out += "}\n";
    }
    Ok(out)
}

/// The first line of a message: what follows is a picture of arrays.
pub fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
