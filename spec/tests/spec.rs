//! The built-in spec is sound, and broken files are reported whole.

use array_assay_format::{Level, Revision};
use array_assay_interface::{DType, Element};
use array_assay_spec::consumer::workloads_through;
use array_assay_spec::{Claim, Measure, Spec, Status, audit};

#[test]
fn the_built_in_spec_is_sound() {
    let faults = audit::check(Spec::embedded());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_binding_clause_is_tested_or_says_why_not() {
    let coverage = audit::coverage(Spec::embedded());
    for clause in &coverage.clauses {
        assert!(!clause.tested_by.is_empty() || clause.untestable.is_some(), "{clause:?}");
    }
}

#[test]
fn all_faults_of_a_file_come_at_once_with_their_places() {
    let text = r#"category: elementwise
functions:
  - name: first
    since: "2021.12"
    signature: "first(x, /)"
    operands:
      x: {dtypes: nmeric}
    result: {dtype: same, shape: same}
    value: {any: exact}
    special:
      - {slug: broken, when: "x >", then: "1"}
  - name: second
    since: "2021.13"
    signature: "second(x, /)"
    operands: {}
    result: {dtype: same, shape: same}
    value: {}
  - name: third
    since: "2021.12"
    signature: "third(x, /)"
    operandz: {}
"#;
    let dtypes = include_str!("../dtypes.yaml").to_owned();
    let files = [("dtypes.yaml".to_owned(), dtypes), ("functions/broken.yaml".to_owned(), text.to_owned())];
    let errors = Spec::parse(&files).unwrap_err();
    let places: Vec<(usize, &str)> = errors.0.iter().map(|e| (e.line, e.why.as_str())).collect();
    assert_eq!(places.len(), 4, "{errors}");
    assert!(places[0].0 == 7 && places[0].1.contains("nmeric"), "{errors}");
    assert!(places[1].0 == 11 && places[1].1.contains("expected an operand"), "{errors}");
    assert!(places[2].0 == 13 && places[2].1.contains("2021.13"), "{errors}");
    assert!(places[3].0 == 21 && places[3].1.contains("operandz"), "{errors}");
    assert!(errors.to_string().contains("functions/broken.yaml:11:"), "{errors}");
}

#[test]
fn a_special_case_names_the_sentence_that_it_encodes() {
    let mut spec = Spec::embedded().clone();
    let function = spec.functions.iter_mut().find(|f| f.category == "elementwise" && f.name == "acos").unwrap();
    let slug = function.rules[0].slug.clone();
    function.rules[0].source.clear();
    let faults = audit::check(&spec);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with(&format!("elementwise/acos: special case `{slug}` has no `source`")), "{faults:?}");
}

#[test]
fn faults_in_special_cases_and_clauses_have_their_places() {
    let entry = |special: &str, clause: &str| {
        format!(
            "category: elementwise\nfunctions:\n  - name: first\n    since: \"2021.12\"\n    signature: \"first(x, /)\"\n    operands: {{x: {{dtypes: numeric}}}}\n    \
             result: {{dtype: same, shape: same}}\n    value: {{numeric: exact}}\n    special:\n      - {special}\n    clauses:\n      - {clause}\n"
        )
    };
    let (special, clause) = (r#"{slug: a, when: "x == 0", then: "1"}"#, "{slug: b, level: must, tests: [value]}");
    let errors = |special: &str, clause: &str| {
        let files = [("dtypes.yaml", include_str!("../dtypes.yaml").to_owned()), ("functions/broken.yaml", entry(special, clause))];
        Spec::parse(&files.map(|(path, text)| (path.to_owned(), text))).unwrap_err()
    };
    for (bad, why) in [
        (r#"{slug: a, when: "x == 0", then: "1", sauce: "0f1e2d3c4b5a"}"#, "sauce"),
        (r#"{slug: a, when: "x == 0", then: "1", since: "2021.13"}"#, "2021.13"),
        (r#"{when: "x == 0", then: "1"}"#, "slug"),
    ] {
        let errors = errors(bad, clause);
        assert!(errors.0.len() == 1 && errors.0[0].line == 10 && errors.0[0].why.contains(why), "{errors}");
    }
    for (bad, why) in
        [("{slug: b, level: must, test: [value]}", "test"), ("{slug: b, level: must, tests: [value], until: \"2021.13\"}", "2021.13")]
    {
        let errors = errors(special, bad);
        assert!(errors.0.len() == 1 && errors.0[0].line == 12 && errors.0[0].why.contains(why), "{errors}");
    }
}

#[test]
fn faults_of_rules_for_shapes_have_their_places() {
    let function = |name: &str, result: &str| {
        let parameters = "{x: {is: array, dtypes: any}, xs: {is: arrays, dtypes: any}}";
        format!(
            "  - name: {name}\n    since: \"2021.12\"\n    signature: \"{name}(x, *xs)\"\n    parameters: {parameters}\n    result: {result}\n"
        )
    };
    let sound = [
        function("a", "{dtype: same, shape: \"x.shape[:-1]\"}"),
        function("b", "{dtype: same, shape: stated}"),
        function("c", "{dtype: stated, gives: {each: xs, dtype: same, shape: \"broadcast(x, *xs)\"}}"),
        function("d", "{dtype: stated, gives: [{name: q, dtype: real_of, shape: x.shape}]}"),
        function("e", "{dtype: none}"),
    ];
    let broken = [
        function("a", "{dtype: same, shape: \"x.shape[:-1] + (y,)\"}"),
        function("b", "{dtype: same}"),
        function("c", "{dtype: stated, gives: {each: x, dtype: same, shape: x.shape}}"),
        function("d", "{dtype: stated, gives: [{name: q, dtype: real_of, shape: \"x.shape +\"}]}"),
        function("e", "{dtype: none, shape: x.shape}"),
        function("f", "{dtype: stated, gives: {name: q, dtype: same, shape: x.shape}}"),
        function("g", "{dtype: stated, gives: {count: x.ndim, each: xs, dtype: same, shape: x.shape}}"),
    ];
    let read = |functions: &[String]| {
        let text = format!("category: manipulation\nfunctions:\n{}", functions.concat());
        let dtypes = include_str!("../dtypes.yaml").to_owned();
        Spec::parse(&[("dtypes.yaml".to_owned(), dtypes), ("functions/rules.yaml".to_owned(), text)])
    };
    assert_eq!(read(&sound).unwrap().functions.len(), sound.len());
    let errors = read(&broken).unwrap_err();
    let places: Vec<(usize, usize, &str)> = errors.0.iter().map(|e| (e.line, e.column, e.why.as_str())).collect();
    assert_eq!(places[0], (7, 51, "`y` is no parameter of the function"), "{errors}");
    assert_eq!(places[1], (12, 5, "the result lacks `shape`: a rule, or `stated`"), "{errors}");
    assert_eq!((places[2].0, places[2].2), (17, "`x` is no sequence of arrays"), "{errors}");
    assert_eq!(places[3], (22, 80, "expected an operand"), "{errors}");
    assert!(places[4].0 == 27 && places[4].2.contains("`gives` says what comes out"), "{errors}");
    assert!(places[5].0 == 32 && places[5].2.contains("a list of `{name, dtype, shape}`"), "{errors}");
    assert!(places[6].0 == 37 && places[6].2.contains("by `count` or by `each`"), "{errors}");
    assert_eq!(places.len(), 7, "{errors}");
}

#[test]
fn an_operation_that_tells_a_dtype_is_a_function_of_the_spec() {
    let dtypes = include_str!("../dtypes.yaml").to_owned();
    let text =
        "capabilities:\n  - {name: int8, permitted: false, page: API_specification/data_types, dtype: int8, operations: [ad]}\n".to_owned();
    let errors = Spec::parse(&[("dtypes.yaml".to_owned(), dtypes), ("capabilities.yaml".to_owned(), text)]).unwrap_err();
    assert!(errors.to_string().contains("`ad` is no element-wise function"), "{errors}");
}

#[test]
fn the_demand_for_a_gap_counts_workloads_whose_traces_go_through_a_helper() {
    let spec = Spec::embedded();
    for gap in spec.gaps() {
        for helper in &gap.demand.helpers {
            let count = workloads_through(std::slice::from_ref(helper));
            assert!(count > 0, "{}: no trace goes through {helper}", gap.function.name);
        }
    }
    let traced = |name: &str| spec.gap(name).unwrap().count(Measure::TRACED);
    assert_eq!(traced("deg2rad"), 0, "it names no helper");
    // `xpx.at.set` and `xpx.at.multiply` are methods of `xpx.at`. A helper whose name only begins alike is another one.
    assert!(traced("at") > traced("pad"));
    assert_eq!(workloads_through(&["xpx.a".to_owned()]), 0);
    // The traces of a workload count once, whichever of the helpers it goes through.
    let both = ["_ravel", "xp_ravel"].map(str::to_owned);
    let each: u32 = both.iter().map(|helper| workloads_through(std::slice::from_ref(helper))).sum();
    assert!(traced("ravel") > 0 && traced("ravel") <= each);
}

#[test]
fn a_gap_is_a_function_and_what_is_known_of_it() {
    let spec = Spec::embedded();
    let gap = spec.gap("nanmin").unwrap();
    assert_eq!((gap.status, gap.paths("numpy"), gap.paths("torch").len()), (Status::Proposed, vec!["nanmin".to_owned()], 0));
    assert_eq!(gap.paths("another"), ["nanmin"], "the gap's own name");
    assert!(gap.trackers.iter().any(|tracker| tracker.number == 621) && gap.score(&spec.measures) > 10.0);
    assert!(gap.function.checks().iter().all(|check| check.level == Level::Quality), "the standard asks nothing of it");
    assert!(gap.function.url().ends_with("array-api/issues/621"));
    let polyfill = gap.polyfill.as_ref().unwrap();
    let text = include_str!("../gaps/nan.yaml");
    let (first, line) = (polyfill.value.lines().next().unwrap(), text.lines().nth(polyfill.line - 1).unwrap());
    assert_eq!((polyfill.file.as_str(), line.get(polyfill.column - 1..)), ("gaps/nan.yaml", Some(first)));
}

#[test]
fn faults_of_gaps_have_their_places() {
    let gap = r#"category: gaps
functions:
  - name: first
    signature: "first(x, /)"
    parameters: {x: {is: array, dtypes: real}}
    result: {dtype: same}
    says: "the first"
    status: wanted
  - name: second
    since: "2021.12"
    signature: "second(x, /)"
    parameters: {x: {is: array, dtypes: real}}
    result: {dtype: same}
    says: "the second"
    demand: {counts: {rumours: 3}}
"#;
    let polyfills = "polyfills:\n  - name: nowhere\n    polyfill: |\n      return x\n";
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let errors = Spec::parse(&[
        file("dtypes.yaml", include_str!("../dtypes.yaml")),
        file("gaps/demand.yaml", include_str!("../gaps/demand.yaml")),
        file("gaps/broken.yaml", gap),
        file("polyfills/standard.yaml", polyfills),
    ])
    .unwrap_err();
    let places: Vec<(&str, usize)> = errors.0.iter().map(|e| (e.file.as_str(), e.line)).collect();
    let broken = "gaps/broken.yaml";
    assert_eq!(places, [(broken, 8), (broken, 9), (broken, 10), (broken, 15), ("polyfills/standard.yaml", 2)], "{errors}");
}

fn claim(function: &str, slug: &str, args: &[Element]) -> Option<String> {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", function).unwrap();
    let rule = function.rules.iter().find(|r| r.slug == slug).unwrap();
    let dtype = match args[0] {
        Element::C128(..) => DType::Complex128,
        Element::F64(_) => DType::Float64,
        _ => DType::Int8,
    };
    rule.claim(spec, function, dtype, args).map(|claim| match claim {
        Claim::OneOf(expected) => expected.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
        Claim::Holds(expr) => expr.to_string(),
    })
}

/// The level of a check and, where it is another one, the level at which a gate counts it.
fn levels(id: &str) -> (Level, Option<Level>) {
    let checks: Vec<_> = Spec::embedded().checks().filter(|check| check.id.to_string() == id).collect();
    let [check] = checks.as_slice() else { panic!("{} checks are called {id}", checks.len()) };
    (check.level, check.gated_at)
}

#[test]
fn no_value_is_demanded_of_which_the_text_requires_no_accuracy() {
    let (demanded, recommended) = ((Level::Must, None), (Level::Should, Some(Level::Must)));
    // The list of functions on the page about accuracy.
    let listed = "acos acosh asin asinh atan atan2 atanh cos cosh exp expm1 hypot log log1p log2 log10 logaddexp sin sinh tan tanh";
    for name in listed.split(' ') {
        assert_eq!(levels(&format!("elementwise/{name}::value")), recommended, "{name}");
    }
    for id in [
        "elementwise/pow::value/approximate",
        "elementwise/atan2::value/scalar",
        "elementwise/add::value/approximate",
        "elementwise/divide::value/approximate",
        "elementwise/sqrt::value/approximate",
        "array/__mul__::value/approximate",
        "array/__mul__::value/approximate-scalar",
        "array/__add__::value/complex-scalar",
        "statistical/mean::value",
        "statistical/sum::value/approximate",
        "linear_algebra/matmul::value/approximate",
        "linear_algebra/matmul::value/complex",
        "linalg/svd::value",
        "fft/fft::value",
        "fft/fft::value/no-elements",
    ] {
        assert_eq!(levels(id), recommended, "{id}");
    }
    for id in [
        "elementwise/add::value",
        "elementwise/divide::value",
        "elementwise/sqrt::value",
        "elementwise/reciprocal::value",
        "elementwise/pow::value",
        "elementwise/sin::special/x-inf",
        "elementwise/negative::value",
        "array/__pow__::value/cases",
        "statistical/sum::value",
        "statistical/mean::special/nan",
        "linear_algebra/matmul::value",
        "linalg/svd::value/structure",
        "linalg/cholesky::value/structure",
        "utility/diff::value/zeroth",
    ] {
        assert_eq!(levels(id), demanded, "{id}");
    }
    assert_eq!(levels("elementwise/sin::value/accuracy"), (Level::Should, None), "an error beyond a profile of ours");
    let complex = Spec::embedded().checks().find(|check| check.id.to_string() == "elementwise/add::value/approximate").unwrap();
    assert_eq!(complex.since, Revision::V2022_12, "complex numbers came with it");
}

#[test]
fn symmetries_leave_the_signs_of_zeros_open() {
    // sinh(+0 + inf j) is 0 + NaN j, and so is its conjugate but for the sign.
    let claimed = claim("asinh", "conj", &[Element::C128(0.0, -0.0)]).unwrap();
    assert_eq!(claimed, "complex(±0.0, ±0.0)");
    assert_eq!(claim("asinh", "odd", &[Element::C128(-1.0, f64::NEG_INFINITY)]).as_deref(), Some("complex(-inf, ≈ -1.5707963267948966)"));
}

#[test]
fn derived_cases_follow_their_source() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    // sin(0 + inf j) = -j sinh(-inf + 0j) = -j (-inf + 0j) = 0 + inf j, by sinh's oddness.
    assert_eq!(claim("sin", "as-sinh", &[Element::C128(0.0, inf)]).as_deref(), Some("complex(±0.0, inf)"));
    assert_eq!(claim("cos", "as-cosh", &[Element::C128(0.0, 0.0)]).as_deref(), Some("complex(1.0, ±0.0)"), "(0 + 0j) * 1j may be 0 + 0j");
    // acos(conj(z)) = conj(acos(z)): acos(+inf + inf j) = pi/4 - inf j.
    assert_eq!(claim("acos", "conj", &[Element::C128(inf, -inf)]).as_deref(), Some("complex(≈ 0.7853981633974483, inf)"));
    assert_eq!(claim("acos", "conj", &[Element::C128(inf, inf)]), None, "a written case speaks of it");
    assert_eq!(claim("atan2", "x1-pos-x2-neg-zero", &[Element::F64(2.0), Element::F64(-0.0)]).as_deref(), Some("≈ 1.5707963267948966"));
    assert_eq!(claim("atan2", "x1-pos-x2-neg-zero", &[Element::F64(2.0), Element::F64(0.0)]), None);
    assert_eq!(claim("subtract", "as-add", &[Element::F64(inf), Element::F64(inf)]).as_deref(), Some("nan"));
    assert_eq!(claim("add", "as-add", &[Element::C128(nan, 1.0), Element::C128(1.0, 1.0)]).as_deref(), Some("complex(nan, any)"));
}
