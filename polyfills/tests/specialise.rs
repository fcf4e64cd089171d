//! Polyfills as programs: what is folded, what is left, and where it stops.

use array_assay_interface::{Arg, Array, DType, Element, Outcome, Program, Scalar, Step, Value};
use array_assay_polyfills::{Ask, Fact, Known, Library, Stop, Substitution, solve, specialise};
use array_assay_spec::Spec;

/// A library that has the standard and none of the gaps.
fn library() -> Library {
    let spec = Spec::embedded();
    Library { replaced: spec.gaps.iter().map(|gap| gap.function.path()).collect(), ..Library::default() }
}

fn array(dtype: DType, shape: Vec<usize>) -> Array {
    let n: usize = shape.iter().product();
    Array::from_elements(dtype, shape, (0..n).map(|i| Element::Int(i as i128)))
}

fn names(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.function.as_str()).collect()
}

/// The functions that a call becomes on an array of a dtype and shape.
fn steps_of(path: &str, dtype: DType, shape: &[usize], kwargs: &[(&str, Fact)]) -> Vec<String> {
    let x = array(dtype, shape.to_vec());
    let kwargs: Vec<(String, Fact)> = kwargs.iter().map(|(name, fact)| ((*name).to_owned(), fact.clone())).collect();
    let made = specialise(Spec::embedded(), &library(), path, 1, &[Fact::host(0, &x)], &kwargs).unwrap();
    names(&made.steps).into_iter().map(str::to_owned).collect()
}

#[test]
fn nanmin_is_a_plain_minimum_where_nothing_can_be_missing() {
    for dtype in [DType::Int8, DType::Uint64, DType::Int32] {
        assert_eq!(steps_of("nanmin", dtype, &[2, 3], &[("axis", Fact::int(0))]), ["min"]);
    }
}

#[test]
fn nanmin_of_floats_masks_what_is_missing() {
    for dtype in [DType::Float32, DType::Float64] {
        assert_eq!(steps_of("nanmin", dtype, &[2, 3], &[]), ["isnan", "where", "min", "all", "where"]);
    }
}

#[test]
fn facts_of_the_result_are_known() {
    let x = array(DType::Float32, vec![2, 3]);
    let kwargs = [("axis".to_owned(), Fact::int(-1)), ("keepdims".to_owned(), Fact::bool(true))];
    let made = specialise(Spec::embedded(), &library(), "nanmin", 1, &[Fact::host(0, &x)], &kwargs).unwrap();
    let Fact::Array(Known::Array(result)) = made.result else { panic!("no array") };
    assert_eq!((result.dtype, result.shape), (DType::Float32, vec![Some(2), Some(1)]));
}

#[test]
fn other_polyfills_are_inlined_and_loops_unrolled() {
    let steps = steps_of("nanstd", DType::Float64, &[4], &[]);
    assert!(!steps.iter().any(|name| name.starts_with("nan")), "{steps:?}");
    let x = array(DType::Int8, vec![3]);
    let facts = [Fact::host(0, &x), Fact::host(1, &x)];
    let made = specialise(Spec::embedded(), &library(), "gcd", 2, &facts, &[]).unwrap();
    assert_eq!(names(&made.steps).iter().filter(|name| **name == "remainder").count(), 12, "3/2 steps for each of 8 bits");
}

#[test]
fn comparisons_are_those_of_arrays_and_numbers_are_computed() {
    let x = array(DType::Int8, vec![2]);
    let made = specialise(Spec::embedded(), &library(), "array_equal", 2, &[Fact::host(0, &x), Fact::host(1, &x)], &[]).unwrap();
    assert_eq!(names(&made.steps), ["operator.eq", "all"]);
    let Fact::Array(Known::Array(result)) = made.result else { panic!("no array") };
    assert_eq!((result.dtype, result.shape), (DType::Bool, vec![]));
    let made = specialise(Spec::embedded(), &library(), "bincount", 1, &[Fact::host(0, &x)], &[]).unwrap();
    let Fact::Array(Known::Array(result)) = made.result else { panic!("no array") };
    assert_eq!((result.dtype, result.shape), (DType::Int64, vec![None]), "the length depends on the elements");
}

#[test]
fn what_is_not_known_is_said_with_its_place() {
    // The number of unique values depends on the elements: `split` needs it.
    let x = array(DType::Float64, vec![6]);
    let program = Program {
        inputs: vec![x],
        steps: vec![
            Step { function: "unique_values".to_owned(), args: vec![Arg::Register(0)], kwargs: vec![], role: Default::default() },
            Step {
                function: "split".to_owned(),
                args: vec![Arg::Register(1), Arg::Scalar(Scalar::Int(2))],
                kwargs: vec![],
                role: Default::default(),
            },
        ],
        returns: vec![0, 2],
    };
    let substitution = Substitution::new(Spec::embedded(), library());
    let substituted = substitution.apply(&program).unwrap();
    assert_eq!(names(&substituted.program.steps), ["unique_values"]);
    let back = Value::Array(array(DType::Float64, vec![6]));
    let Outcome::Raised { exception, step, values } = substituted.outcome(Outcome::Values(vec![back.clone()])) else { panic!("it ran") };
    assert_eq!((step, values), (Some(1), vec![back]));
    assert!(exception.message.contains("polyfills/manipulation.yaml:"), "{}", exception.message);
}

#[test]
fn a_wrong_argument_raises_as_the_body_says() {
    let x = array(DType::Float64, vec![5]);
    let error = specialise(Spec::embedded(), &library(), "split", 1, &[Fact::host(0, &x), Fact::int(2)], &[]).unwrap_err();
    assert!(matches!(&error, Stop::Raised { exception, .. } if exception == "ValueError"), "{error}");
    let axis = [("axis".to_owned(), Fact::int(3))];
    let error = specialise(Spec::embedded(), &library(), "median", 1, &[Fact::host(0, &x)], &axis).unwrap_err();
    assert!(matches!(&error, Stop::Raised { exception, .. } if exception == "IndexError"), "{error}");
}

#[test]
fn outcomes_come_back_as_if_the_library_had_the_function() {
    let x = array(DType::Float64, vec![3]);
    let call = |function: &str, args: Vec<Arg>| Step { function: function.to_owned(), args, kwargs: vec![], role: Default::default() };
    let program = Program {
        inputs: vec![x.clone()],
        steps: vec![call("operator.neg", vec![Arg::Register(0)]), call("modf", vec![Arg::Register(1)])],
        returns: vec![2, 0],
    };
    let substitution = Substitution::new(Spec::embedded(), library());
    let substituted = substitution.apply(&program).unwrap();
    // Both parts of the tuple and the input come back, in three registers.
    assert_eq!(substituted.program.returns.len(), 3);
    let part = Value::Array(x.clone());
    let whole = substituted.outcome(Outcome::Values(vec![part.clone(), part.clone(), part.clone()]));
    assert_eq!(whole, Outcome::Values(vec![Value::Tuple(vec![part.clone(), part.clone()]), part]));
    let missing = Outcome::Missing { name: "trunc".to_owned(), step: Some(1), values: vec![] };
    assert!(matches!(substituted.outcome(missing), Outcome::Missing { step: Some(1), .. }), "the step of the given program");
    let plain = Program { steps: vec![call("operator.neg", vec![Arg::Register(0)])], returns: vec![1], ..program };
    assert!(substitution.apply(&plain).is_none(), "nothing to replace");
}

#[test]
fn the_solver_orders_polyfills_and_names_what_is_missing() {
    let spec = Spec::embedded();
    // A library of the first revision, without `sort`.
    let first = spec.functions.iter().filter(|f| f.since.to_string() == "2021.12" || f.path() == "isdtype" || f.path() == "take");
    let native = first.map(|f| f.path()).filter(|path| path != "sort").collect();
    let library = Library { native: Some(native), ..library() };
    let plan = solve(spec, &library);
    let place = |path: &str| plan.polyfilled.iter().position(|p| p.path == path);
    assert!(place("moveaxis").unwrap() < place("diff").unwrap());
    assert!(place("nanmean").unwrap() < place("nanvar").unwrap() && place("nanvar").unwrap() < place("nanstd").unwrap());
    let of = |path: &str| plan.out_of_reach.iter().find(|missing| missing.path == path).map(|missing| missing.lacks.clone());
    assert_eq!([of("median").unwrap(), of("partition").unwrap()], [["partition"], ["sort"]]);
    assert_eq!(of("percentile").unwrap(), ["quantile"]);
    assert_eq!(of("nextafter").unwrap(), Vec::<String>::new(), "no polyfill at all");
}
