//! Suggestions for a name that is not known.

use std::collections::BTreeSet;

use array_assay_format::{CONSUMERS, Glob};
use array_assay_harness::run::RunError;
use array_assay_interface::DType;
use array_assay_spec::Spec;
use array_assay_spec::consumer::profiles;

use crate::exit::Error;

/// The largest number of names that a message suggests.
const MOST: usize = 3;

/// The known names nearest to an unknown one, the nearest first. Empty if no known name is near.
fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let plain = |text: &str| text.to_ascii_lowercase();
    let (name, limit) = (plain(name), (name.len() / 3).max(2));
    let distance = |other: &&str| {
        let other = plain(other);
        // A name that is part of the other is near, such as `svd` and `linalg/svd`.
        let apart = other.len().abs_diff(name.len());
        let contains = other.contains(&name) || name.contains(&other);
        let edits = strsim::damerau_levenshtein(&name, &other);
        if contains { edits.min(1 + apart / 4) } else { edits }
    };
    let mut found: Vec<(usize, &str)> = known.into_iter().map(|other| (distance(&other), other)).filter(|(d, _)| *d <= limit).collect();
    found.sort();
    found.dedup();
    found.into_iter().take(MOST).map(|(_, other)| other).collect()
}

/// The end of a message about an unknown name: suggestions, or all known names if none is near.
pub fn meant<'k>(name: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> String {
    let quoted = |names: Vec<&str>| names.into_iter().map(|other| format!("`{other}`")).collect::<Vec<_>>();
    match quoted(nearest(name, known.clone())).as_slice() {
        [] => {
            let all: BTreeSet<&str> = known.into_iter().collect();
            if all.len() > 40 {
                "no known name is similar".to_owned()
            } else {
                format!("the known names are {}", all.into_iter().collect::<Vec<_>>().join(", "))
            }
        }
        [one] => format!("did you mean {one}?"),
        [rest @ .., last] => format!("did you mean {} or {last}?", rest.join(", ")),
    }
}

/// Reads a dtype from the command line.
pub fn dtype(name: &str) -> Result<DType, String> {
    name.parse().map_err(|_| format!("the standard has no dtype `{name}`: {}", meant(name, DType::ALL.iter().map(|dtype| dtype.name()))))
}

/// An error if a glob matches no check, with suggestions.
pub fn globs(select: &[Glob]) -> Result<(), Error> {
    let spec = Spec::embedded();
    let checks: Vec<_> = spec.checks().chain(spec.gap_checks()).map(|check| check.id).collect();
    let asks = select.iter().any(|glob| glob.to_string().starts_with(CONSUMERS));
    let profiles = if asks { profiles().map_err(Error::BuiltIn)? } else { &[] };
    let of_consumers = |glob: &Glob| profiles.iter().any(|profile| glob.matches_function(CONSUMERS, &profile.function()));
    let takes = |glob: &Glob| checks.iter().any(|id| glob.matches(id)) || of_consumers(glob);
    let lost: Vec<&Glob> = select.iter().filter(|glob| !takes(glob)).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let functions: BTreeSet<String> = checks.iter().map(|id| format!("{}/{}", id.category, id.function)).collect();
    let ids: BTreeSet<String> = checks.iter().map(ToString::to_string).collect();
    let categories: BTreeSet<String> = checks.iter().map(|id| format!("{}/*", id.category)).collect();
    let said = |glob: &&Glob| {
        let text = glob.to_string();
        let known = match (text.contains("::"), text.ends_with("/*")) {
            (true, _) => &ids,
            (false, true) => &categories,
            (false, false) => &functions,
        };
        format!("{text} ({})", meant(&text, known.iter().map(String::as_str)))
    };
    let said: Vec<String> = lost.iter().map(said).collect();
    Err(RunError::NothingSelected(said.join(", ")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_suggested() {
        let dtypes = || DType::ALL.iter().map(|dtype| dtype.name());
        assert_eq!(meant("flaot32", dtypes()), "did you mean `float32`?");
        assert_eq!(nearest("Float64", dtypes()), ["float64", "float32"]);
        assert_eq!(nearest("int7", dtypes())[0], "int8");
        assert!(meant("datetime", dtypes()).starts_with("the known names are bool, complex128"));
        assert_eq!(meant("svd", ["linalg/svd", "linalg/qr", "set/unique_all"]), "did you mean `linalg/svd`?");
    }

    #[test]
    fn a_glob_that_takes_nothing_is_named_with_what_is_near() {
        let select = |globs: &[&str]| globs.iter().map(|glob| glob.parse().unwrap()).collect::<Vec<Glob>>();
        assert!(globs(&select(&["elementwise/*"])).is_ok());
        let error = globs(&select(&["elementwise/*", "elementwise/adds"])).unwrap_err().to_string();
        assert!(error.contains("elementwise/adds") && !error.contains("elementwise/*"), "one that matches excuses no other: {error}");
        for (glob, near) in
            [("elementwise/adds", "`elementwise/add`"), ("elementwse/*", "`elementwise/*`"), ("linalg/svd::shpe", "`linalg/svd::shape`")]
        {
            let error = globs(&select(&[glob])).unwrap_err().to_string();
            assert!(error.contains(glob) && error.contains(near), "{error}");
        }
    }
}
