//! Call chains: their calls return what is known of them and are of all kinds, and chains can be shortened.

use std::collections::BTreeSet;

use array_assay_harness::generate::{BackendProfile, CallChain, CallChains};
use array_assay_harness::reference::Reference;
use array_assay_interface::{Arg, Array, DType, Outcome, Program, Role, Step, Value, run_program};
use array_assay_spec::Spec;

/// The program of a chain and a call that only reads the shape of its argument.
fn program(chain: &CallChain) -> Program {
    let args = vec![Arg::Register(0)];
    let shape = Step { function: "attribute.shape".to_owned(), args, kwargs: vec![], role: Role::Subject };
    let nothing = Array::from_elements(DType::Bool, vec![0], []);
    chain.before(&Program { inputs: vec![nothing], steps: vec![shape], returns: vec![1] })
}

/// Chains for every dtype of a profile.
fn drawn(profile: &BackendProfile) -> Vec<(DType, CallChain)> {
    let profile = profile.without_capabilities(Spec::embedded());
    let chains = CallChains::new(Spec::embedded(), &profile);
    let of = |dtype: &DType| (0..120).filter_map(|index| Some((*dtype, chains.draw(7, "a name", index, *dtype)?))).collect::<Vec<_>>();
    profile.dtypes.iter().flat_map(of).collect()
}

/// The arrays that the reference returns, as text, because NaN is not equal to itself.
fn run(chain: &CallChain) -> Vec<String> {
    let program = program(chain);
    match run_program(&mut Reference::default(), &program) {
        Outcome::Values(values) => values.iter().filter(|v| matches!(v, Value::Array(_))).map(|v| format!("{v:?}")).collect(),
        other => panic!("{program:?}: {other:?}"),
    }
}

#[test]
fn the_reference_returns_what_is_known_of_each_call() {
    let profile = BackendProfile::default();
    let all = drawn(&profile);
    assert!(all.len() > 110 * profile.dtypes.len(), "{} of {}", all.len(), 120 * profile.dtypes.len());
    for (dtype, chain) in all {
        assert_eq!(chain.result().dtype, dtype);
        let known: Vec<String> = chain.values().map(|array| format!("{:?}", Value::Array(array.clone()))).collect();
        assert_eq!(run(&chain), known, "{:?}", program(&chain));
        for simpler in chain.simpler() {
            assert!(
                program(&simpler).steps.len() < program(&chain).steps.len()
                    || program(&simpler).returns.len() < program(&chain).returns.len()
            );
            assert_eq!(format!("{:?}", simpler.result()), format!("{:?}", chain.result()));
            run(&simpler);
        }
        // A call that writes to its argument gets a copy.
        let copied = chain.clone().copied();
        assert_eq!(run(&copied), known);
    }
}

#[test]
fn chains_have_calls_of_all_kinds() {
    let profile = BackendProfile::default();
    let all = drawn(&profile);
    let mut functions = BTreeSet::new();
    let (mut joined, mut longest) = (0, 0);
    for (_, chain) in &all {
        let program = program(chain);
        let calls = program.steps.len() - 1;
        longest = longest.max(calls);
        functions.extend(program.steps.iter().map(|step| step.function.clone()));
        let made = |arg: &Arg| arg.register().is_some_and(|r| r as usize >= program.inputs.len());
        joined += usize::from(program.steps.iter().any(|step| step.args.iter().filter(|arg| made(arg)).count() > 1));
    }
    assert!((4..=6).contains(&longest), "{longest}");
    assert!(joined * 20 > all.len(), "{joined} of {} join results of other calls", all.len());
    for wanted in ["multiply", "operator.imul", "operator.setitem", "operator.getitem", "broadcast_to", "sort", "sum", "astype", "matmul"] {
        assert!(functions.contains(wanted), "no {wanted} in {functions:?}");
    }
    let again = drawn(&profile);
    assert_eq!(format!("{all:?}"), format!("{again:?}"));
}
