//! Faults that cannot show, each with the reason. They do not count in the score.

use array_assay_format::Glob;
use array_assay_spec::Spec;
use serde::Deserialize;

use super::Mutation;

/// Why some faults cannot show.
#[derive(Debug, Clone, Deserialize)]
pub struct Reasons(Vec<Reason>);

/// Why a fault of some functions cannot show.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// A glob over faults, in the form `fault[=argument]`.
    fault: String,
    /// Globs over functions, in the form `category/function`. A glob for an element-wise function also means the operators that apply it.
    functions: Vec<String>,
    /// The reason. It has to follow from the standard's text or from the fault, not from the cases that are drawn.
    because: String,
}

impl Reason {
    /// Whether the reason is about a mutant.
    fn names(&self, mutant: &Mutation) -> bool {
        let name = mutant.to_string();
        let (function, fault) = name.split_once(':').unwrap_or((&name, ""));
        let applied = Spec::embedded().function(&mutant.category, &mutant.function).and_then(|f| f.operator.as_ref());
        let applied = applied.map(|operator| format!("elementwise/{}", operator.semantics));
        let matches = |glob: &str, text: &str| glob.parse::<Glob>().is_ok_and(|glob| glob.matches_text(text));
        matches(&self.fault, fault)
            && self.functions.iter().any(|glob| matches(glob, function) || applied.as_ref().is_some_and(|applied| matches(glob, applied)))
    }
}

/// The list of reasons could not be read.
#[derive(Debug, thiserror::Error)]
#[error("read harness/src/mutants/cannot_show.yaml: {0}")]
pub struct BadReasons(#[from] serde_yaml::Error);

impl Reasons {
    /// The reasons in `cannot_show.yaml`.
    pub fn embedded() -> Result<Reasons, BadReasons> {
        Ok(serde_yaml::from_str(include_str!("cannot_show.yaml"))?)
    }

    /// Why a mutant cannot show. `None` if it has to.
    pub fn of(&self, mutant: &Mutation) -> Option<&str> {
        self.0.iter().find(|reason| reason.names(mutant)).map(|reason| reason.because.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{clause_faults, elementwise, mutants};
    use super::*;

    #[test]
    fn every_reason_is_about_some_fault() {
        let spec = Spec::embedded();
        let own = spec.with_gaps().flat_map(mutants);
        let of_clauses = clause_faults(spec).into_iter().flat_map(|clause| clause.faults).map(|targeted| targeted.mutation);
        let all: Vec<Mutation> = own.chain(of_clauses).collect();
        for reason in &Reasons::embedded().unwrap().0 {
            assert!(reason.because.len() > 20, "{reason:?}");
            for function in &reason.functions {
                let of_one = Reason { functions: vec![function.clone()], ..reason.clone() };
                assert!(all.iter().any(|mutant| of_one.names(mutant)), "no fault is called {function}:{}", reason.fault);
            }
        }
    }

    #[test]
    fn faults_that_cannot_show_change_no_value_of_an_element_wise_function() {
        let (spec, reasons) = (Spec::embedded(), Reasons::embedded().unwrap());
        for function in spec.with_gaps().filter(|f| f.is_elementwise()) {
            for mutant in mutants(function).into_iter().filter(|mutant| reasons.of(mutant).is_some()) {
                assert!(!elementwise::shows(&mutant.fault, function), "{mutant} shows, and cannot_show.yaml says that it cannot");
            }
        }
    }
}
