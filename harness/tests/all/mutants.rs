//! A fault of the reference makes the check that it breaks fail, and no check of another property.

use std::sync::atomic::AtomicBool;

use array_assay_format::{Revision, Verdict};
use array_assay_harness::mutants::Mutation;
use array_assay_harness::reference::Reference;
use array_assay_harness::run::{Backend, Inside, Options, conform};
use array_assay_harness::snippet::Language;
use array_assay_spec::Spec;

/// The checks that deviate in the newest revision, without the function's name.
fn failing(function: &str, fault: &str) -> Vec<String> {
    let mutation: Mutation = format!("{function}:{fault}").parse().unwrap();
    let inside = Inside::new(move || Reference::new(Some(mutation.clone())));
    let backend = Backend { name: "reference".to_owned(), command: inside.into(), language: Language::Other };
    let options = Options { select: vec![function.parse().unwrap()], cases: 150, ..Options::default() };
    let run = conform(Spec::embedded(), &backend, &options, None, None, &AtomicBool::new(false), &()).unwrap();
    let deviates = |check: &array_assay_format::Check| check.verdict_in(Revision::NEWEST).is_some_and(Verdict::is_deviation);
    let of_run = run.checks.iter().filter(|check| check.doubt.is_none() && deviates(check));
    of_run.map(|check| check.id.to_string().split_once("::").unwrap().1.to_owned()).collect()
}

#[test]
fn a_broken_property_makes_its_own_check_fail() {
    for (function, fault, check) in [
        ("indexing/take", "breaks=value/index-negative", "value/index-negative"),
        ("array/shape", "breaks=type/tuple", "type/tuple"),
        ("data_type/result_type", "breaks=value/python-scalars", "value/python-scalars"),
        ("manipulation/flip", "breaks=shape", "shape"),
        ("manipulation/expand_dims", "breaks=dtype/tuple", "dtype/tuple"),
        ("elementwise/add", "breaks=dtype/scalar", "dtype/scalar"),
        ("elementwise/logaddexp", "breaks=value/accuracy", "value/accuracy"),
        ("array/__iadd__", "breaks=value", "value"),
        ("creation/zeros", "parameter-missing=device", "signature"),
        ("statistical/sum", "no-default=axis", "signature"),
        ("sorting/sort", "wrong-device-on=int8", "device"),
        ("array/__getitem__", "breaks=call/mask", "call/mask"),
        ("constants/pi", "breaks=type", "type"),
    ] {
        let failing = failing(function, fault);
        assert!(failing.iter().any(|id| id == check), "{function}:{fault}: {failing:?} fail, but not {check}");
        let property = |id: &str| id.split('/').next().map(str::to_owned);
        // A missing parameter also makes calls fail.
        let others: Vec<&String> = failing.iter().filter(|id| property(id) != property(check) && !id.starts_with("call")).collect();
        assert!(others.is_empty(), "{function}:{fault} {others:?} fail as well");
    }
}

#[test]
fn another_default_shows_in_the_value() {
    assert!(failing("statistical/sum", "other-default=keepdims").iter().any(|id| id == "shape"));
    assert!(failing("sorting/sort", "other-default=descending").iter().any(|id| id == "value"));
}
