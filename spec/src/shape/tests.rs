//! Values of rules, what stays unknown, and the places of faults.

use super::*;

/// The rule of a function of this signature, whose arrays are all of its parameters.
fn rule(text: &str, signature: &SpecSignature) -> ShapeRule {
    let names: Vec<&str> = signature.parameters.iter().map(|p| p.name.as_str()).collect();
    ShapeRule::parse(text, signature, &names).unwrap()
}

fn shape(signature: &str, text: &str, given: &[(&str, Value)]) -> Result<Sizes, String> {
    let signature = SpecSignature::parse(signature).unwrap();
    rule(text, &signature).shape(&signature, given).map_err(|error| error.why)
}

fn known(sizes: &[usize]) -> Result<Sizes, String> {
    Ok(sizes.iter().copied().map(Some).collect())
}

fn ints(items: &[i128]) -> Value {
    Value::Tuple(items.iter().copied().map(Value::Int).collect())
}

const REDUCTION: &str = "sum(x, /, *, axis=None, keepdims=False)";

#[test]
fn arguments_left_out_have_their_defaults() {
    let x = ("x", Value::array(&[2, 3, 4]));
    let reduced = |given: &[(&str, Value)]| shape(REDUCTION, "reduced(x.shape, axis, keepdims)", given);
    assert_eq!(reduced(std::slice::from_ref(&x)), known(&[]));
    assert_eq!(reduced(&[x.clone(), ("axis", Value::Int(-2))]), known(&[2, 4]));
    assert_eq!(reduced(&[x.clone(), ("axis", ints(&[0, -1])), ("keepdims", Value::Bool(true))]), known(&[1, 3, 1]));
    assert_eq!(reduced(&[x.clone(), ("axis", ints(&[]))]), known(&[2, 3, 4]));
    assert_eq!(reduced(&[x, ("axis", Value::Int(3))]), Err("axis 3 is out of bounds for rank 3".to_owned()));
    assert_eq!(shape("f(*arrays)", "(len(arrays),)", &[]), known(&[0]));
}

#[test]
fn words_stand_for_rules() {
    let given = [("x1", Value::array(&[3, 1])), ("x2", Value::array(&[4]))];
    assert_eq!(shape("add(x1, x2, /)", "same", &given), known(&[3, 1]));
    assert_eq!(shape("add(x1, x2, /)", "broadcast", &given), known(&[3, 4]));
    let scalar = [("x1", Value::array(&[3])), ("x2", Value::Real(0.5))];
    assert_eq!(shape("add(x1, x2, /)", "broadcast", &scalar), known(&[3]));
    let apart = [("x1", Value::array(&[3])), ("x2", Value::array(&[4]))];
    assert_eq!(shape("add(x1, x2, /)", "broadcast", &apart), Err("sizes 3 and 4 do not broadcast".to_owned()));
}

#[test]
fn what_is_not_known_stays_unknown() {
    let x = ("x", Value::Array(vec![None, Some(3)]));
    let of = |text: &str| shape("f(x, /, *, n=2)", text, std::slice::from_ref(&x));
    assert_eq!(of("x.shape"), Ok(vec![None, Some(3)]));
    assert_eq!(of("(x.size * 2 - 1, min(x.shape), 7)"), Ok(vec![None, None, Some(7)]));
    assert_eq!(of("broadcast(x.shape, (5, 1))"), Ok(vec![Some(5), Some(3)]));
    assert_eq!(of("(unknown, x.ndim)"), Ok(vec![None, Some(2)]));
    assert_eq!(of("(1,) if x.shape[0] > 2 else ()"), Err("it is not known before the call runs".to_owned()));
    // A part whose size does not depend on what is unknown is known.
    assert_eq!(of("replaced(x.shape, 0, n)"), known(&[2, 3]));
}

#[test]
fn functions_of_shapes() {
    let given = [("x", Value::array(&[2, 3, 4])), ("n", ints(&[-1, 6]))];
    let of = |text: &str| shape("f(x, /, *, n)", text, &given);
    assert_eq!(of("replaced(x.shape, -1, (5, 6))"), known(&[2, 3, 5, 6]));
    assert_eq!(of("inserted(x.shape, (0, -1), 1)"), known(&[1, 2, 3, 4, 1]));
    assert_eq!(of("inserted(x.shape, 1, 9)"), known(&[2, 9, 3, 4]));
    assert_eq!(of("moved(x.shape, 0, -1)"), known(&[3, 4, 2]));
    assert_eq!(of("moved(x.shape, (0, 2), (2, 0))"), known(&[4, 3, 2]));
    assert_eq!(of("reshaped(x.size, n)"), known(&[4, 6]));
    assert_eq!(of("resized(x.shape, (0, 1), n)"), known(&[2, 6, 4]));
    assert_eq!(of("resized(x.shape, None, (7,))"), known(&[2, 3, 7]));
    assert_eq!(of("[product(pair) for pair in zip(padded((2, 5), x.ndim), x.shape)]"), known(&[2, 6, 20]));
    assert_eq!(of("x.shape[::-1] + x.shape[1:-1]"), known(&[4, 3, 2, 3]));
    assert_eq!(of("(ceil((2.5 - 1) / 0.5), -7 // -2, sum([n for n in x.shape if n in (2, 4)]))"), known(&[3, 3, 6]));
    assert_eq!(of("(2 - 3,)"), Err("-1 is no size of an axis".to_owned()));
    assert_eq!(of("(1 // 0,)"), Err("a division by zero".to_owned()));
}

#[test]
fn nested_sequences_and_scalars_have_shapes() {
    let nested = Value::Tuple(vec![ints(&[1, 2, 3]), ints(&[4, 5, 6])]);
    assert_eq!(shape("f(x)", "x.shape", &[("x", nested)]), known(&[2, 3]));
    assert_eq!(shape("f(x)", "x.shape", &[("x", Value::Other)]), known(&[]));
    assert_eq!(shape("f(x)", "x.shape", &[("x", ints(&[]))]), known(&[0]));
}

#[test]
fn faults_of_rules_have_their_places() {
    let signature = SpecSignature::parse(REDUCTION).unwrap();
    for (text, at, why) in [
        ("reduced(x.shape, axes, keepdims)", 17, "`axes` is no parameter of the function"),
        ("lost(x.shape)", 0, "unknown function `lost`; spec/README.md lists those of rules for shapes"),
        ("without(x.shape)", 0, "`without` does not take 1 arguments"),
        ("(x.shape[0], y)", 13, "`y` is no parameter of the function"),
        ("[n for n in x.shape] + (n,)", 24, "`n` is no parameter of the function"),
        ("x.dtype", 0, "unknown attribute `dtype`: rules for shapes have shape, ndim, size"),
        ("x.shape + ", 10, "expected an operand"),
        ("(1j,)", 1, "a shape has no complex numbers"),
        ("(x.ndim ** 2,)", 1, "rules for shapes do not have `**`"),
        ("x.shape y", 8, "unexpected rest"),
        ("broadcast(x, shape=3)", 0, "`broadcast` takes its arguments by position"),
    ] {
        let error = ShapeRule::parse(text, &signature, &["x"]).unwrap_err();
        assert_eq!((error.at, error.why.as_str()), (at, why), "{text}");
    }
}

#[test]
fn the_readme_names_every_function() {
    let readme = include_str!("../../README.md");
    for function in FUNCTIONS {
        assert!(readme.contains(&format!("`{}(", function.name)), "{}", function.name);
    }
}
