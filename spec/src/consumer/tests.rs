//! Profiles and their programs.

use std::collections::BTreeMap;

use array_assay_interface::{Arg, Scalar};

use super::*;

const PROFILE: &str = r#"
consumer: me
version: "1"
name: shift
says: "moves"
traced: {numpy: "2"}
cases:
- name: float64-2
  rtol: 1e-06
  inputs:
    x: {dtype: float64, shape: [2], values: [1.5, .nan]}
  expect:
    y: {dtype: float64, shape: [2], values: [3, 4.0]}
  programs:
  - faces: [eager, immutable]
    leaves: {bool: 1}
    returns: {y: r0, z: host}
    program: |
      # me/shift.py:3
      r0 = zeros((x.shape[0], 2), dtype=float64, device=device)
      # :4 via xpx.at
      r0 = at_set(r0, (0, slice(None, 1, None)), -1.0)
      r1 = bool(any(r0))  # True
      # me/shift.py:5
      r0[..., 0] = x
      r0 *= inf
      r0 **= x.shape[0]
      r2, r3 = unique_counts(r0)
"#;

fn profile() -> Profile {
    profile_of(PROFILE)
}

fn profile_of(text: &str) -> Profile {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("me-1")).unwrap();
    std::fs::write(folder.path().join("me-1/shift.yaml"), text).unwrap();
    read(folder.path()).unwrap().remove(0)
}

fn functions(lowered: &Lowered) -> Vec<&str> {
    lowered.program.steps.iter().map(|step| step.function.as_str()).collect()
}

#[test]
fn a_program_keeps_the_consumers_lines_and_what_decided_its_path() {
    let profile = profile();
    let trace = profile.cases[0].program(Face::Eager).unwrap();
    let places: Vec<(&str, Option<&str>)> = trace.statements.iter().map(|s| (s.at.as_str(), s.via.as_deref())).collect();
    assert_eq!(places[..2], [("me/shift.py:3", None), ("me/shift.py:4", Some("xpx.at"))]);
    let lowered = trace.lower(&profile.cases[0], Face::Eager, "cpu", &BTreeMap::new(), usize::MAX).unwrap();
    assert_eq!(lowered.branches.iter().map(|b| (b.statement, b.value)).collect::<Vec<_>>(), [(2, true)]);
    assert_eq!(lowered.program.steps[0].function, "attribute.shape");
}

#[test]
fn sizes_are_asked_of_the_library_and_not_written_down() {
    let profile = profile();
    let case = &profile.cases[0];
    let lowered = case.program(Face::Eager).unwrap().lower(case, Face::Eager, "cpu", &BTreeMap::new(), 1).unwrap();
    assert_eq!(functions(&lowered), ["attribute.shape", "operator.getitem", "zeros"]);
    assert_eq!(lowered.program.steps[2].args, [Arg::Tuple(vec![Arg::Register(2), Arg::int(2)])]);
}

#[test]
fn a_library_whose_arrays_cannot_be_changed_gets_another_update() {
    let profile = profile();
    let case = &profile.cases[0];
    let of = |face| functions(&case.program(Face::Eager).unwrap().lower(case, face, "cpu", &BTreeMap::new(), 2).unwrap())[3..].join(" ");
    assert_eq!(of(Face::Eager), "asarray operator.setitem");
    assert_eq!(of(Face::Immutable), "attribute.at operator.getitem method.set");
}

#[test]
fn one_name_with_a_comma_unpacks_a_value() {
    let text = PROFILE.replace("r2, r3 = unique_counts(r0)", "r2, = nonzero(x)\n      r3 = nonzero(x)");
    let profile = profile_of(&text);
    let case = &profile.cases[0];
    let lowered = case.program(Face::Eager).unwrap().lower(case, Face::Eager, "cpu", &BTreeMap::new(), usize::MAX).unwrap();
    assert_eq!(functions(&lowered).split_last_chunk::<3>().unwrap().1, &["nonzero", "operator.getitem", "nonzero"]);
}

#[test]
fn a_statement_that_failed_is_replaced_by_what_it_gives_elsewhere() {
    let profile = profile();
    let case = &profile.cases[0];
    let given =
        BTreeMap::from([(0, vec![Some(Given::Array(case.inputs[0].1.clone()))]), (2, vec![Some(Given::Scalar(Scalar::Bool(true)))])]);
    let lowered = case.program(Face::Eager).unwrap().lower(case, Face::Eager, "cpu", &given, usize::MAX).unwrap();
    assert_eq!(lowered.program.inputs.len(), 2);
    assert_eq!(functions(&lowered)[..3], ["asarray", "operator.setitem", "operator.setitem"]);
    assert!(lowered.branches.is_empty(), "a value from elsewhere decides nothing");
}

#[test]
fn a_fault_of_a_program_is_shown_at_its_line() {
    let broken = PROFILE.replace("r0 *= inf", "r0 *= ");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("me-1")).unwrap();
    std::fs::write(folder.path().join("me-1/shift.yaml"), &broken).unwrap();
    let error = read(folder.path()).unwrap_err().to_string();
    let line = broken.lines().position(|line| line.contains("r0 *=")).unwrap() + 1;
    assert!(error.contains(&format!("shift.yaml:{line}:")), "{error}");
}

#[test]
fn every_profile_that_is_built_in_is_a_program_on_each_kind_of_library() {
    let mut bytes = 0;
    for profile in profiles().unwrap() {
        bytes += profile.size;
        for case in &profile.cases {
            for face in [Face::Eager, Face::Immutable, Face::Deferred] {
                let trace = case.program(face).unwrap_or_else(|| panic!("{}: {} has no program for {face}", profile.name, case.name));
                let lowered = trace.lower(case, face, "cpu", &BTreeMap::new(), usize::MAX);
                let lowered = lowered.unwrap_or_else(|(i, why)| panic!("{}: {}: {why}", profile.name, trace.statements[i].text));
                for (name, origin) in &trace.returns {
                    assert!(case.expect.contains_key(name), "{}: {name}", profile.name);
                    assert!(lowered.register(origin).is_some() || !matches!(origin, Origin::Register(_)), "{}: {name}", profile.name);
                }
            }
        }
    }
    assert!(bytes <= 1_500_000, "the profiles have {bytes} bytes");
}
