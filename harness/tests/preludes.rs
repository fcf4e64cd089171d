//! Calls before the one under test: they give what they are known to give, are of all kinds, and the fewest of them are shown.

use std::collections::BTreeSet;

use array_assay_harness::generate::{Pool, Prelude, Preludes};
use array_assay_harness::reference::Reference;
use array_assay_interface::{Arg, Array, DType, Outcome, Program, Role, Step, Value, run_program};
use array_assay_spec::Spec;

/// The program of a prelude and a call that only looks at what it takes.
fn program(prelude: &Prelude) -> Program {
    let args = vec![Arg::Register(0)];
    let shape = Step { function: "attribute.shape".to_owned(), args, kwargs: vec![], role: Role::Subject };
    let nothing = Array::from_elements(DType::Bool, vec![0], []);
    prelude.before(&Program { inputs: vec![nothing], steps: vec![shape], returns: vec![1] })
}

fn drawn(pool: &Pool) -> Vec<(DType, Prelude)> {
    let pool = pool.without_capabilities(Spec::embedded());
    let preludes = Preludes::new(Spec::embedded(), &pool);
    let of = |dtype: &DType| (0..120).filter_map(|index| Some((*dtype, preludes.draw(7, "a name", index, *dtype)?))).collect::<Vec<_>>();
    pool.dtypes.iter().flat_map(of).collect()
}

/// What the reference hands back, each array as text: NaN equals itself there.
fn run(prelude: &Prelude) -> Vec<String> {
    let program = program(prelude);
    match run_program(&mut Reference::default(), &program) {
        Outcome::Values(values) => values.iter().filter(|v| matches!(v, Value::Array(_))).map(|v| format!("{v:?}")).collect(),
        other => panic!("{program:?}: {other:?}"),
    }
}

#[test]
fn what_calls_give_is_known() {
    let pool = Pool::default();
    let all = drawn(&pool);
    assert!(all.len() > 110 * pool.dtypes.len(), "{} of {}", all.len(), 120 * pool.dtypes.len());
    for (dtype, prelude) in all {
        assert_eq!(prelude.result().dtype, dtype);
        let known: Vec<String> = prelude.values().map(|array| format!("{:?}", Value::Array(array.clone()))).collect();
        assert_eq!(run(&prelude), known, "{:?}", program(&prelude));
        for simpler in prelude.simpler() {
            assert!(
                program(&simpler).steps.len() < program(&prelude).steps.len()
                    || program(&simpler).returns.len() < program(&prelude).returns.len()
            );
            assert_eq!(format!("{:?}", simpler.result()), format!("{:?}", prelude.result()));
            run(&simpler);
        }
        // The call that writes to what it takes gets memory of its own.
        let copied = prelude.clone().copied();
        assert_eq!(run(&copied), known);
    }
}

#[test]
fn all_kinds_of_calls_meet() {
    let pool = Pool::default();
    let all = drawn(&pool);
    let mut functions = BTreeSet::new();
    let (mut joined, mut longest) = (0, 0);
    for (_, prelude) in &all {
        let program = program(prelude);
        let calls = program.steps.len() - 1;
        longest = longest.max(calls);
        functions.extend(program.steps.iter().map(|step| step.function.clone()));
        let made = |arg: &Arg| matches!(arg, Arg::Register(r) if *r as usize >= program.inputs.len());
        joined += usize::from(program.steps.iter().any(|step| step.args.iter().filter(|arg| made(arg)).count() > 1));
    }
    assert!((4..=6).contains(&longest), "{longest}");
    assert!(joined * 20 > all.len(), "{joined} of {} join what others gave", all.len());
    for wanted in ["multiply", "operator.imul", "operator.setitem", "operator.getitem", "broadcast_to", "sort", "sum", "astype", "matmul"] {
        assert!(functions.contains(wanted), "no {wanted} in {functions:?}");
    }
    let again = drawn(&pool);
    assert_eq!(format!("{all:?}"), format!("{again:?}"));
}
