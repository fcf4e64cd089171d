//! Tests the adapter by calls as a worker makes them.

use array_assay_interface::{
    Arg, Argument, Array, Backend, CallError, DType, Element, Exception, Outcome, Output, Program, Role, Scalar, Slice, Step, Value,
    run_program,
};
use array_assay_ndarray::{NdArray, Ndarray, Register};

fn array(dtype: DType, shape: &[usize], elements: impl IntoIterator<Item = Element>) -> Array {
    Array::from_elements(dtype, shape.to_vec(), elements)
}

fn ints(dtype: DType, elements: &[i128]) -> Array {
    array(dtype, &[elements.len()], elements.iter().map(|v| Element::Int(*v)))
}

fn floats(elements: &[f64]) -> Array {
    array(DType::Float64, &[elements.len()], elements.iter().map(|v| Element::F64(*v)))
}

fn complexes(elements: &[(f64, f64)]) -> Array {
    array(DType::Complex128, &[elements.len()], elements.iter().map(|(re, im)| Element::C128(*re, *im)))
}

fn booleans(elements: &[bool]) -> Array {
    array(DType::Bool, &[elements.len()], elements.iter().map(|v| Element::Bool(*v)))
}

fn run(inputs: &[&Array], steps: Vec<Step>) -> Outcome {
    let inputs: Vec<Array> = inputs.iter().map(|array| (*array).clone()).collect();
    let last = (inputs.len() + steps.len() - 1) as u32;
    run_program(&mut Ndarray, &Program { inputs, steps, returns: vec![last] })
}

fn step(function: &str, args: Vec<Arg>, kwargs: Vec<(&str, Arg)>) -> Step {
    let kwargs = kwargs.into_iter().map(|(name, arg)| (name.to_owned(), arg)).collect();
    Step { function: function.to_owned(), args, kwargs, role: Role::Subject }
}

/// The result of a function of arrays.
fn call(function: &str, inputs: &[&Array]) -> Array {
    let args = (0..inputs.len() as u32).map(Arg::Register).collect();
    value(run(inputs, vec![step(function, args, vec![])]))
}

/// The result of a function of one array and further arguments.
fn call_with(function: &str, input: &Array, args: Vec<Arg>) -> Outcome {
    let args = std::iter::once(Arg::Register(0)).chain(args).collect();
    run(&[input], vec![step(function, args, vec![])])
}

#[track_caller]
fn value(outcome: Outcome) -> Array {
    match outcome {
        Outcome::Values(values) => match values.as_slice() {
            [Value::Array(array)] => array.clone(),
            other => panic!("expected one array, got {other:?}"),
        },
        other => panic!("expected an array, got {other:?}"),
    }
}

#[track_caller]
fn raised(outcome: Outcome) -> Exception {
    match outcome {
        Outcome::Raised { exception, .. } => exception,
        other => panic!("expected an exception, got {other:?}"),
    }
}

fn int(v: i128) -> Arg {
    Arg::Scalar(Scalar::Int(v))
}

fn float(v: f64) -> Arg {
    Arg::Scalar(Scalar::Float(v))
}

fn slice(start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Arg {
    Arg::Slice(Slice { start, stop, step })
}

/// A 3 x 4 array of a dtype whose bytes differ everywhere, quiet and signalling NaNs with payload among them.
fn patterned(dtype: DType) -> Array {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let mut data: Vec<u8> = (0..12 * dtype.size()).map(|_| byte()).collect();
    match dtype.real() {
        DType::Bool => data.iter_mut().for_each(|b| *b &= 1),
        DType::Float32 => {
            data[..4].copy_from_slice(&0xff81_2345u32.to_le_bytes());
            data[4..8].copy_from_slice(&0x7fc1_2345u32.to_le_bytes());
        }
        DType::Float64 => {
            data[..8].copy_from_slice(&0xfff0_1234_5678_9abcu64.to_le_bytes());
            data[8..16].copy_from_slice(&0x7ff8_1234_5678_9abcu64.to_le_bytes());
        }
        _ => {}
    }
    Array { dtype, shape: vec![3, 4], data }
}

/// The array with the elements of `source` at these flat positions.
fn gathered(source: &Array, shape: &[usize], positions: &[usize]) -> Array {
    let size = source.dtype.size();
    let data = positions.iter().flat_map(|i| source.data[i * size..(i + 1) * size].to_vec()).collect();
    Array { dtype: source.dtype, shape: shape.to_vec(), data }
}

#[test]
fn every_dtype_round_trips_bit_for_bit_in_every_layout() {
    for dtype in DType::ALL {
        let source = patterned(dtype);
        let mut backend = Ndarray;
        let whole = backend.from_host(&source).unwrap();
        assert_eq!(backend.to_host(&whole).unwrap(), source);

        let transposed = call_with("permute_dims", &source, vec![Arg::Tuple(vec![int(1), int(0)])]);
        assert_eq!(value(transposed), gathered(&source, &[4, 3], &[0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]));

        let reversed = Arg::Tuple(vec![slice(None, None, Some(-1)), slice(None, None, Some(-2))]);
        assert_eq!(value(call_with("operator.getitem", &source, vec![reversed])), gathered(&source, &[3, 2], &[11, 9, 7, 5, 3, 1]));

        let column = Arg::Tuple(vec![slice(None, None, Some(2)), slice(Some(1), Some(2), None)]);
        let steps = vec![
            step("operator.getitem", vec![Arg::Register(0), column], vec![]),
            step("broadcast_to", vec![Arg::Register(1)], vec![("shape", Arg::Tuple(vec![int(2), int(2), int(3)]))]),
        ];
        let repeated = gathered(&source, &[2, 2, 3], &[1, 1, 1, 9, 9, 9, 1, 1, 1, 9, 9, 9]);
        assert_eq!(value(run(&[&source], steps)), repeated);

        for shape in [vec![], vec![0], vec![2, 0, 3]] {
            let small = gathered(&source, &shape, &vec![5; shape.iter().product()]);
            let there = backend.from_host(&small).unwrap();
            assert_eq!(backend.to_host(&there).unwrap(), small);
        }
    }
}

#[test]
fn a_reversed_or_transposed_layout_is_not_copied_into_order() {
    let mut backend = Ndarray;
    let array = backend.from_host(&patterned(DType::Int16)).unwrap();
    let mut strides_after = |function: &str, arg: Argument<'_, Register>| {
        let output = backend.call(function, &[Argument::Array(&array), arg], &[]).unwrap();
        let Output::Array(result) = output else { panic!("no array") };
        let NdArray::Int16(ref result) = *result.get() else { panic!("another dtype") };
        result.strides().to_vec()
    };
    let step = |step| Argument::Slice(Slice { start: None, stop: None, step: Some(step) });
    let axis = |axis| Argument::Scalar(Scalar::Int(axis));
    assert_eq!(strides_after("operator.getitem", Argument::Tuple(vec![step(-1), step(2)])), [-4, 2]);
    assert_eq!(strides_after("permute_dims", Argument::Tuple(vec![axis(1), axis(0)])), [1, 4]);
}

#[test]
fn slices_mean_what_they_mean_in_python() {
    // (start, stop, step, list(range(5))[start:stop:step])
    type Case = (Option<i64>, Option<i64>, Option<i64>, &'static [i128]);
    let cases: [Case; 16] = [
        (None, None, None, &[0, 1, 2, 3, 4]),
        (None, None, Some(-1), &[4, 3, 2, 1, 0]),
        (None, None, Some(-2), &[4, 2, 0]),
        (None, None, Some(-3), &[4, 1]),
        (None, None, Some(3), &[0, 3]),
        (Some(1), Some(4), None, &[1, 2, 3]),
        (Some(1), Some(5), Some(2), &[1, 3]),
        (Some(4), Some(1), Some(-1), &[4, 3, 2]),
        (Some(3), None, Some(-2), &[3, 1]),
        (None, Some(0), Some(-1), &[4, 3, 2, 1]),
        (Some(-2), Some(-5), Some(-1), &[3, 2, 1]),
        (Some(3), Some(-6), Some(-1), &[3, 2, 1, 0]),
        (Some(3), Some(-1), Some(-1), &[]),
        (Some(3), Some(2), None, &[]),
        (Some(5), Some(5), None, &[]),
        (Some(-5), Some(-1), None, &[0, 1, 2, 3]),
    ];
    let source = ints(DType::Int32, &[0, 1, 2, 3, 4]);
    for (start, stop, step, expected) in cases {
        let got = value(call_with("operator.getitem", &source, vec![slice(start, stop, step)]));
        assert_eq!(got, ints(DType::Int32, expected), "[{start:?}:{stop:?}:{step:?}]");
    }
    let nothing = ints(DType::Int32, &[]);
    for step in [None, Some(-1)] {
        assert_eq!(value(call_with("operator.getitem", &nothing, vec![slice(Some(0), None, step)])), nothing);
    }
}

#[test]
fn a_key_mixes_integers_ellipsis_and_new_axes() {
    let source = patterned(DType::Float32);
    let row = Arg::Tuple(vec![int(-1), Arg::Ellipsis]);
    assert_eq!(value(call_with("operator.getitem", &source, vec![row])), gathered(&source, &[4], &[8, 9, 10, 11]));
    let column = Arg::Tuple(vec![Arg::Ellipsis, Arg::None, int(1)]);
    assert_eq!(value(call_with("operator.getitem", &source, vec![column])), gathered(&source, &[3, 1], &[1, 5, 9]));
    let element = Arg::Tuple(vec![int(1), int(2)]);
    assert_eq!(value(call_with("operator.getitem", &source, vec![element])), gathered(&source, &[], &[6]));
    let outside = Arg::Tuple(vec![int(3), Arg::Ellipsis]);
    assert_eq!(raised(call_with("operator.getitem", &source, vec![outside])).type_name, "panic");
    let mask = run(&[&source, &patterned(DType::Bool)], vec![step("operator.getitem", vec![Arg::Register(0), Arg::Register(1)], vec![])]);
    assert!(raised(mask).message.contains("no `slice_move` for (float32 array, bool array)"));
}

#[test]
fn an_axis_out_of_place_and_a_shape_out_of_reach_raise() {
    let source = patterned(DType::Int8);
    assert_eq!(raised(call_with("permute_dims", &source, vec![Arg::Tuple(vec![int(0), int(2)])])).type_name, "panic");
    assert_eq!(raised(call_with("permute_dims", &source, vec![Arg::Tuple(vec![int(-3), int(0)])])).type_name, "NoSuchImpl");
    let refused = raised(call_with("broadcast_to", &source, vec![Arg::Tuple(vec![int(3), int(5)])]));
    assert!(refused.message.contains("[3, 4] to [3, 5]"), "{refused:?}");
}

#[test]
fn arrays_broadcast_and_shapes_that_do_not_fit_panic() {
    let column = array(DType::Int64, &[2, 1], [10, 20].map(Element::Int));
    let row = ints(DType::Int64, &[1, 2, 3]);
    let expected = array(DType::Int64, &[2, 3], [11, 12, 13, 21, 22, 23].map(Element::Int));
    assert_eq!(call("add", &[&column, &row]), expected);
    assert_eq!(call("add", &[&row, &column]), expected);

    let outcome = run(&[&ints(DType::Int64, &[1, 2]), &row], vec![step("add", vec![Arg::Register(0), Arg::Register(1)], vec![])]);
    assert_eq!(raised(outcome).type_name, "panic");
}

#[test]
fn what_the_crate_does_not_name_is_missing_and_not_present() {
    let asked = ["add", "logical_and", "positive", "atan2", "operator.getitem", "no_such_function"].map(str::to_owned);
    let present: Vec<String> = Ndarray.identity(&asked).functions.into_keys().collect();
    assert_eq!(present, ["add", "operator.getitem"]);
    for function in ["logical_and", "positive", "atan2", "no_such_function"] {
        assert_eq!(Ndarray.call(function, &[], &[]).unwrap_err(), CallError::Missing(function.to_owned()));
    }
}

#[test]
fn dtypes_without_an_implementation_raise() {
    let (int8, uint8) = (ints(DType::Int8, &[1]), ints(DType::Uint8, &[1]));
    let both = vec![Arg::Register(0), Arg::Register(1)];
    let mixed = raised(run(&[&int8, &uint8], vec![step("add", both.clone(), vec![])]));
    assert_eq!(mixed.type_name, "NoSuchImpl");
    assert_eq!(mixed.message, "the crate ndarray implements no `+` for (int8 array, uint8 array)");
    for (function, input) in [("sqrt", &int8), ("negative", &uint8), ("abs", &complexes(&[(3.0, 4.0)])), ("real", &floats(&[1.0]))] {
        assert_eq!(raised(call_with(function, input, vec![])).type_name, "NoSuchImpl", "{function}");
    }
    assert_eq!(raised(run(&[&floats(&[1.0]), &floats(&[2.0])], vec![step("pow", both, vec![])])).type_name, "NoSuchImpl");
    let keyword = vec![step("sqrt", vec![Arg::Register(0)], vec![("x2", int(1))])];
    assert_eq!(raised(run(&[&floats(&[1.0])], keyword)).type_name, "NoSuchImpl");
}

#[test]
fn each_method_is_the_one_of_its_name() {
    type Unary = fn(f64) -> f64;
    let methods: [(&str, Unary); 30] = [
        ("abs", f64::abs),
        ("acos", f64::acos),
        ("acosh", f64::acosh),
        ("asin", f64::asin),
        ("asinh", f64::asinh),
        ("atan", f64::atan),
        ("atanh", f64::atanh),
        ("ceil", f64::ceil),
        ("cos", f64::cos),
        ("cosh", f64::cosh),
        ("exp", f64::exp),
        ("expm1", f64::exp_m1),
        ("floor", f64::floor),
        ("log", f64::ln),
        ("log1p", f64::ln_1p),
        ("log2", f64::log2),
        ("log10", f64::log10),
        ("negative", |x| -x),
        ("reciprocal", f64::recip),
        ("round", f64::round),
        ("sign", f64::signum),
        ("sin", f64::sin),
        ("sinh", f64::sinh),
        ("sqrt", f64::sqrt),
        ("square", |x| x * x),
        ("tan", f64::tan),
        ("tanh", f64::tanh),
        ("trunc", f64::trunc),
        ("isnan", |x| x.is_nan() as u8 as f64),
        ("isinf", |x| x.is_infinite() as u8 as f64),
    ];
    let inputs = [0.0, -0.0, 0.3, -0.7, 1.0, 2.5, -2.5, 1e300, f64::INFINITY, f64::NEG_INFINITY];
    for (function, method) in methods {
        let got = call(function, &[&floats(&inputs)]);
        let got: Vec<Element> = got.elements().map(|e| e.cast(DType::Float64)).collect();
        for (x, got) in inputs.iter().zip(got) {
            let expected = method(*x);
            let same = got.same_bits(Element::F64(expected)) || expected.is_nan() && got.components().0.is_nan();
            assert!(same, "{function}({x}) gave {got}, not {expected}");
        }
    }
    assert_eq!(call("isnan", &[&floats(&[f64::NAN, 1.0])]), booleans(&[true, false]));
}

#[test]
fn operators_are_those_of_rust_and_nothing_is_mended() {
    let ours = |function, a: &[i128], b: &[i128]| call(function, &[&ints(DType::Int16, a), &ints(DType::Int16, b)]);
    assert_eq!(ours("subtract", &[5], &[7]), ints(DType::Int16, &[-2]));
    assert_eq!(ours("multiply", &[5], &[7]), ints(DType::Int16, &[35]));
    assert_eq!(ours("divide", &[-7], &[2]), ints(DType::Int16, &[-3]));
    // The standard wants the sign of the divisor: [1, -1].
    assert_eq!(ours("remainder", &[-7, 7], &[2, -2]), ints(DType::Int16, &[-1, 1]));
    assert_eq!(call("remainder", &[&floats(&[-7.5]), &floats(&[2.0])]), floats(&[-1.5]));
    assert_eq!(ours("bitwise_and", &[0b110], &[0b011]), ints(DType::Int16, &[0b010]));
    assert_eq!(ours("bitwise_or", &[0b110], &[0b011]), ints(DType::Int16, &[0b111]));
    assert_eq!(ours("bitwise_xor", &[0b110], &[0b011]), ints(DType::Int16, &[0b101]));
    assert_eq!(ours("bitwise_left_shift", &[3], &[2]), ints(DType::Int16, &[12]));
    assert_eq!(ours("bitwise_right_shift", &[-5], &[1]), ints(DType::Int16, &[-3]));
    assert_eq!(call("bitwise_invert", &[&ints(DType::Uint8, &[1])]), ints(DType::Uint8, &[254]));
    assert_eq!(call("bitwise_xor", &[&booleans(&[true, false]), &booleans(&[true, true])]), booleans(&[false, true]));
    // The standard wants int16.
    let shifted = call("bitwise_left_shift", &[&ints(DType::Int8, &[3]), &ints(DType::Uint8, &[2])]);
    assert_eq!(shifted, ints(DType::Int8, &[12]));
}

#[test]
fn complex_arrays_meet_real_ones_on_either_side() {
    let (complex, real) = (complexes(&[(1.0, 2.0)]), floats(&[4.0]));
    assert_eq!(call("subtract", &[&complex, &real]), complexes(&[(-3.0, 2.0)]));
    assert_eq!(call("subtract", &[&real, &complex]), complexes(&[(3.0, -2.0)]));
    assert_eq!(call("real", &[&complex]), floats(&[1.0]));
    assert_eq!(call("imag", &[&complex]), floats(&[2.0]));
    let column = array(DType::Float64, &[2, 1], [1.0, 2.0].map(Element::F64));
    let sums = array(DType::Complex128, &[2, 1], [Element::C128(2.0, 2.0), Element::C128(3.0, 2.0)]);
    assert_eq!(call("add", &[&column, &complex]), sums);
}

#[test]
fn a_python_scalar_becomes_one_of_the_dtype_of_its_array() {
    let left = |function, scalar, array: &Array| run(&[array], vec![step(function, vec![scalar, Arg::Register(0)], vec![])]);
    assert_eq!(value(call_with("subtract", &ints(DType::Uint8, &[9]), vec![int(2)])), ints(DType::Uint8, &[7]));
    assert_eq!(value(left("subtract", int(9), &ints(DType::Uint8, &[2]))), ints(DType::Uint8, &[7]));
    assert_eq!(value(left("divide", int(1), &floats(&[4.0]))), floats(&[0.25]));
    assert_eq!(value(call_with("add", &complexes(&[(1.0, 2.0)]), vec![float(0.5)])), complexes(&[(1.5, 2.0)]));
    let i = Arg::Scalar(Scalar::Complex((0.0, 1.0)));
    assert_eq!(value(left("multiply", i.clone(), &complexes(&[(1.0, 2.0)]))), complexes(&[(-2.0, 1.0)]));
    assert_eq!(value(call_with("pow", &floats(&[3.0]), vec![int(2)])), floats(&[9.0]));
    assert_eq!(value(call_with("hypot", &floats(&[3.0]), vec![float(4.0)])), floats(&[5.0]));
    let tenth = array(DType::Float32, &[1], [Element::F32(0.1)]);
    assert_eq!(value(call_with("add", &array(DType::Float32, &[1], [Element::F32(0.0)]), vec![float(0.1)])), tenth);

    let truth = Arg::Scalar(Scalar::Bool(true));
    assert_eq!(value(call_with("bitwise_and", &booleans(&[true, false]), vec![truth.clone()])), booleans(&[true, false]));
    let (int8, float64) = (ints(DType::Int8, &[1]), floats(&[1.0]));
    for (array, scalar) in [(&int8, int(200)), (&int8, float(1.0)), (&float64, i), (&float64, truth)] {
        assert_eq!(raised(call_with("add", array, vec![scalar])).type_name, "NoSuchImpl");
    }
}

#[test]
fn clip_takes_both_bounds_by_position_or_keyword() {
    let source = ints(DType::Int32, &[-5, 0, 5]);
    let clipped = ints(DType::Int32, &[-1, 0, 3]);
    assert_eq!(value(call_with("clip", &source, vec![int(-1), int(3)])), clipped);
    let keywords = step("clip", vec![Arg::Register(0)], vec![("max", int(3)), ("min", int(-1))]);
    assert_eq!(value(run(&[&source], vec![keywords])), clipped);
    let one_sided = step("clip", vec![Arg::Register(0)], vec![("max", int(3))]);
    assert_eq!(raised(run(&[&source], vec![one_sided])).message, "the crate ndarray implements no `clamp` for (int32 array, None, int 3)");
}

#[test]
fn constructors_take_the_dtype_and_raise_where_the_crate_has_none() {
    let make = |function, args, kwargs| run(&[], vec![step(function, args, kwargs)]);
    let dtype = |dtype| ("dtype", Arg::Dtype(dtype));
    assert_eq!(value(make("ones", vec![int(2)], vec![dtype(DType::Int8)])), ints(DType::Int8, &[1, 1]));
    assert_eq!(value(make("zeros", vec![Arg::Tuple(vec![int(2)])], vec![])), floats(&[0.0, 0.0]));
    assert_eq!(value(make("full", vec![int(2), Arg::Scalar(Scalar::Bool(true))], vec![])), booleans(&[true, true]));
    assert_eq!(value(make("arange", vec![float(3.0)], vec![])), floats(&[0.0, 1.0, 2.0]));
    assert_eq!(value(make("linspace", vec![int(0), int(1), int(3)], vec![])), floats(&[0.0, 0.5, 1.0]));
    let identity = array(DType::Int64, &[2, 2], [1, 0, 0, 1].map(Element::Int));
    assert_eq!(value(make("eye", vec![int(2)], vec![dtype(DType::Int64)])), identity);
    let refused = [
        ("zeros", vec![int(2)], vec![dtype(DType::Bool)]),
        ("arange", vec![int(3)], vec![]),
        ("eye", vec![int(2), int(3)], vec![]),
        ("eye", vec![int(2)], vec![("k", int(1))]),
        ("linspace", vec![int(0), int(1), int(3)], vec![("endpoint", Arg::Scalar(Scalar::Bool(false)))]),
        ("asarray", vec![Arg::List(vec![int(1)])], vec![]),
    ];
    for (function, args, kwargs) in refused {
        assert_eq!(raised(make(function, args, kwargs)).type_name, "NoSuchImpl", "{function}");
    }
}

#[test]
fn shapes_change_as_the_standard_names_it() {
    let source = patterned(DType::Uint16);
    let pair = |a, b| Arg::Tuple(vec![int(a), int(b)]);
    let order = [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11];
    for (function, args) in [("moveaxis", vec![int(0), int(-1)]), ("matrix_transpose", vec![]), ("attribute.T", vec![])] {
        assert_eq!(value(call_with(function, &source, args)), gathered(&source, &[4, 3], &order), "{function}");
    }
    let turned = value(call_with("flip", &source, vec![]));
    assert_eq!(turned, gathered(&source, &[3, 4], &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]));
    let as_is: Vec<usize> = (0..12).collect();
    assert_eq!(value(call_with("reshape", &source, vec![pair(2, 6)])), gathered(&source, &[2, 6], &as_is));
    let longer = value(call_with("expand_dims", &source, vec![int(-1)]));
    assert_eq!(longer, gathered(&source, &[3, 4, 1], &as_is));
    assert_eq!(value(call_with("squeeze", &longer, vec![int(2)])), source);
    assert_eq!(raised(call_with("squeeze", &longer, vec![int(0)])).type_name, "NoSuchImpl");

    let arrays = || vec![Arg::Tuple(vec![Arg::Register(0), Arg::Register(0)])];
    let (a, twice) = (ints(DType::Int8, &[1, 2]), ints(DType::Int8, &[1, 2, 1, 2]));
    assert_eq!(value(run(&[&a], vec![step("concat", arrays(), vec![])])), twice);
    assert_eq!(raised(run(&[&a], vec![step("concat", arrays(), vec![("axis", Arg::None)])])).type_name, "NoSuchImpl");
    let columns = array(DType::Int8, &[2, 2], [1, 1, 2, 2].map(Element::Int));
    assert_eq!(value(run(&[&a], vec![step("stack", arrays(), vec![("axis", int(-1))])])), columns);
}

#[test]
fn reductions_take_one_axis_or_all_and_keep_the_dtype() {
    let source = array(DType::Int8, &[2, 3], [1, 2, 3, 4, 5, 6].map(Element::Int));
    let by = |function, input: &Array, kwargs| run(&[input], vec![step(function, vec![Arg::Register(0)], kwargs)]);
    assert_eq!(value(by("sum", &source, vec![])), array(DType::Int8, &[], [Element::Int(21)]));
    assert_eq!(value(by("prod", &source, vec![("axis", int(-1))])), ints(DType::Int8, &[6, 120]));
    assert_eq!(value(by("mean", &floats(&[1.0, 2.0]), vec![("axis", int(0))])), array(DType::Float64, &[], [Element::F64(1.5)]));
    assert_eq!(value(by("var", &floats(&[1.0, 3.0]), vec![("correction", int(1))])), array(DType::Float64, &[], [Element::F64(2.0)]));
    let products = array(DType::Int8, &[2, 3], [1, 2, 6, 4, 20, 120].map(Element::Int));
    assert_eq!(value(by("cumulative_prod", &source, vec![("axis", int(1))])), products);
    assert_eq!(value(by("diff", &ints(DType::Int8, &[1, 4, 2]), vec![])), ints(DType::Int8, &[3, -2]));
    for kwargs in [vec![("axis", Arg::Tuple(vec![int(0), int(1)]))], vec![("keepdims", Arg::Scalar(Scalar::Bool(true)))]] {
        assert_eq!(raised(by("sum", &source, kwargs)).type_name, "NoSuchImpl");
    }
    assert_eq!(raised(by("mean", &floats(&[]), vec![])).message, "`mean` gave `None`");
}

#[test]
fn products_are_those_of_one_and_two_axes() {
    let (row, matrix) = (ints(DType::Int32, &[1, 2]), array(DType::Int32, &[2, 2], [1, 2, 3, 4].map(Element::Int)));
    assert_eq!(call("matmul", &[&row, &matrix]), ints(DType::Int32, &[7, 10]));
    assert_eq!(call("vecdot", &[&row, &row]), array(DType::Int32, &[], [Element::Int(5)]));
    let both = vec![Arg::Register(0), Arg::Register(1)];
    assert_eq!(raised(run(&[&matrix, &matrix], vec![step("vecdot", both.clone(), vec![])])).type_name, "NoSuchImpl");
    assert_eq!(raised(run(&[&matrix, &matrix], vec![step("tensordot", both, vec![])])).type_name, "NoSuchImpl");
    let deep = array(DType::Int32, &[1, 1, 1], [Element::Int(1)]);
    assert_eq!(raised(run(&[&deep, &deep], vec![step("matmul", vec![Arg::Register(0), Arg::Register(1)], vec![])])).type_name, "panic");
}

#[test]
fn what_assigns_changes_the_array_that_it_is_given() {
    let source = ints(DType::Int16, &[1, 2, 3]);
    let after = |steps| run_program(&mut Ndarray, &Program { inputs: vec![source.clone()], steps, returns: vec![0] });
    let tail = || slice(Some(1), None, None);
    let assigned = step("operator.setitem", vec![Arg::Register(0), tail(), int(9)], vec![]);
    assert_eq!(value(after(vec![assigned])), ints(DType::Int16, &[1, 9, 9]));
    let reversed = step("operator.getitem", vec![Arg::Register(0), slice(None, None, Some(-1))], vec![]);
    let copied = step("operator.setitem", vec![Arg::Register(0), Arg::Ellipsis, Arg::Register(1)], vec![]);
    assert_eq!(value(after(vec![reversed, copied])), ints(DType::Int16, &[3, 2, 1]));
    let doubled = step("operator.iadd", vec![Arg::Register(0), Arg::Register(0)], vec![]);
    assert_eq!(value(after(vec![doubled])), ints(DType::Int16, &[2, 4, 6]));
    let taken = call("take", &[&source, &ints(DType::Int64, &[2, 0])]);
    assert_eq!(taken, ints(DType::Int16, &[3, 1]));
    let shifted = step("operator.ilshift", vec![Arg::Register(0), int(1)], vec![]);
    assert_eq!(value(after(vec![shifted])), ints(DType::Int16, &[2, 4, 6]));
}

#[test]
fn the_identity_names_the_crate_that_is_built_and_claims_no_revision() {
    let identity = Ndarray.identity(&[]);
    assert_eq!(identity.name, "ndarray");
    assert!(identity.version.starts_with("0.17."), "{}", identity.version);
    assert!(identity.language.starts_with("Rust 1."), "{}", identity.language);
    assert_eq!(identity.dtypes.len(), DType::ALL.len());
    assert!(identity.revisions.is_empty());
}
