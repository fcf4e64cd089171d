//! `consumers linalg`: makes the calls of the comparison of `numpy.linalg` with `scipy.linalg`, and says where the rows are not true.

use array_assay_spec::consumer::linalg;

use super::package::{call, exit};
use crate::exit::{Error, Exit};

/// Runs the command.
pub fn run() -> Result<Exit, Error> {
    let expected = linalg().map_err(Error::BuiltIn)?;
    let modules = ["numpy", "scipy"];
    let versions = modules.map(|module| [module, "np.__version__ if linalg is np.linalg else __import__('scipy').__version__"]);
    let calls = expected.rows.iter().flat_map(|row| modules.map(|module| [module, row.call.as_str()]));
    let lines = versions.into_iter().chain(calls).map(|pair| serde_json::json!(pair).to_string()).collect();
    let mut answers: Vec<String> = Vec::new();
    call(&["evaluate".into()], &[], lines, &mut |answer: String| {
        answers.push(answer);
        Ok(())
    })?;
    let mut answers = answers.into_iter();
    let mut wrong = 0;
    for (module, version) in modules.into_iter().zip([&expected.numpy, &expected.scipy]) {
        let really = answers.next().unwrap_or_default();
        if really != format!("str {version}") {
            wrong += 1;
            print_line!("{module} is {}, and the rows are about {version}", really.trim_start_matches("str "));
        }
    }
    for row in &expected.rows {
        for (module, gives) in modules.into_iter().zip(row.gives()) {
            let really = answers.next().unwrap_or_default();
            if really != gives {
                wrong += 1;
                print_line!("{} in {module}\n  the row  {gives}\n  really   {really}", row.call);
            }
        }
    }
    print_line!(
        "{} calls in numpy.linalg {} and scipy.linalg {}: {wrong} are not as spec/linear-algebra.yaml says",
        expected.rows.len(),
        expected.numpy,
        expected.scipy
    );
    Ok(exit(wrong == 0))
}
