//! The faults that break one clause of the spec. They follow from the checks that test the clause, and from the calls that it is about.

use std::collections::BTreeMap;

use array_assay_format::{CheckId, Property};
use array_assay_spec::audit::{Clause, clauses};
use array_assay_spec::checks::STRUCTURE;
use array_assay_spec::{Function, Spec};

use super::{Broken, Fault, Mutation, mutants, signature};

/// A clause, and the faults that break it.
#[derive(Debug, Clone)]
pub struct ClauseFaults {
    /// The clause.
    pub clause: Clause,
    /// The faults, each of which breaks the clause.
    pub faults: Vec<Targeted>,
}

/// A fault, and the checks that have to find it.
#[derive(Debug, Clone, PartialEq)]
pub struct Targeted {
    /// The fault.
    pub mutation: Mutation,
    /// The checks of the faulty function that test the clause.
    pub checks: Vec<CheckId>,
}

/// The faults of every binding clause that checks test.
pub fn clause_faults(spec: &Spec) -> Vec<ClauseFaults> {
    let binding = |clause: &Clause| matches!(clause.level, "must" | "should") && clause.doubt.is_none() && !clause.tested_by.is_empty();
    clauses(spec).into_iter().filter(binding).map(|clause| ClauseFaults { faults: faults_of(spec, &clause), clause }).collect()
}

/// The faults that break a clause.
fn faults_of(spec: &Spec, clause: &Clause) -> Vec<Targeted> {
    let own = clause.tested_by.iter().all(|id| format!("{}/{}", id.category, id.function) == clause.place);
    let mut out: Vec<Targeted> = Vec::new();
    // A topic page is about many functions. A few of each category stand for all, if possible functions that show their signature and
    // return arrays.
    let mut shown: BTreeMap<(&str, Property, Option<&str>), usize> = BTreeMap::new();
    let mut tests: Vec<&CheckId> = clause.tested_by.iter().collect();
    if !own {
        tests.sort_by_key(|id| std::cmp::Reverse(spec.function(&id.category, &id.function).map(|f| telling(f, id.property))));
    }
    for id in tests {
        let slug = id.slug.as_deref().filter(|_| id.property != Property::Special);
        let representatives = shown.entry((&id.category, id.property, slug)).or_default();
        *representatives += 1;
        if !own && *representatives > REPRESENTATIVES {
            continue;
        }
        let Some(function) = spec.function(&id.category, &id.function) else { continue };
        let of_function = |other: &&CheckId| other.category == id.category && other.function == id.function;
        let checks: Vec<CheckId> = clause.tested_by.iter().filter(of_function).cloned().collect();
        for fault in faults_of_check(function, id, clause) {
            let targeted = Targeted { mutation: Mutation::new(function, fault), checks: checks.clone() };
            if !out.contains(&targeted) {
                out.push(targeted);
            }
        }
    }
    out
}

/// The number of functions of a category that stand for all functions that a topic page is about.
const REPRESENTATIVES: usize = 2;

/// How well a function stands for others: whether its results are arrays, and how many parameters a library shows.
fn telling(function: &Function, property: Property) -> (bool, usize) {
    let arrays = function.is_elementwise() || function.returns_one_array();
    let parameters = if function.shows_signature() { function.signature.parameters.len() } else { 0 };
    (arrays && !matches!(property, Property::Signature), parameters)
}

/// The faults that break what a check judges of a function.
fn faults_of_check(function: &Function, id: &CheckId, clause: &Clause) -> Vec<Fault> {
    let slug = id.slug.as_deref();
    match id.property {
        Property::Present => vec![Fault::Hidden],
        Property::Signature => match signature::of_signature(function) {
            faults if faults.is_empty() => vec![Fault::Hidden],
            faults => faults,
        },
        Property::Special if function.is_elementwise() => slug.map(|slug| Fault::SpecialCaseBroken(slug.to_owned())).into_iter().collect(),
        Property::Raises if function.raises.iter().any(|raise| Some(raise.class_slug().as_str()) == slug) => vec![Fault::RaisesAnother],
        Property::Raises => vec![Fault::NeverRaises],
        Property::Copy => vec![Fault::AliasInsteadOfCopy, Fault::CopyInsteadOfAlias],
        // Wrong elements may still have the right structure, such as an order.
        Property::Value if slug == Some(STRUCTURE) => {
            let breaks_structure = |fault: &Fault| matches!(fault, Fault::OrderReversed(_) | Fault::TriangleFilled);
            mutants(function).into_iter().map(|mutation| mutation.fault).filter(breaks_structure).collect()
        }
        property => {
            // A clause without a condition is about every call.
            let conditional = function.clauses.iter().any(|own| own.slug == clause.slug && own.when.is_some());
            let of = (conditional && clause.is_of(function)).then(|| clause.slug.clone());
            vec![Fault::Breaks(Broken { property, slug: slug.map(str::to_owned), clause: of })]
        }
    }
}
