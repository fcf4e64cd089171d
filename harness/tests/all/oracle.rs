//! The oracle knows every element-wise function of the spec, and fulfils every sound special case.

use array_assay_interface::{DType, Element};
use array_assay_oracle::{kernel, promoted};
use array_assay_spec::{Claim, Function, Rule, RuleBody, Spec};

fn functions() -> impl Iterator<Item = &'static Function> {
    Spec::embedded().functions.iter().filter(|function| function.is_elementwise())
}

#[test]
fn every_function_has_a_kernel_of_its_arity() {
    for function in functions() {
        let kernel = kernel(function.semantics()).unwrap_or_else(|| panic!("no kernel for {}", function.name));
        assert_eq!(kernel.arity(), function.operands.len(), "{}", function.name);
    }
}

#[test]
fn the_oracle_promotes_as_the_spec_says() {
    let dtypes = &Spec::embedded().dtypes;
    for a in DType::ALL {
        for b in DType::ALL {
            assert_eq!(promoted(a, b), dtypes.promote(a, b), "{a} with {b}");
        }
    }
}

#[test]
fn the_oracle_fulfils_every_sound_special_case() {
    let spec = Spec::embedded();
    let mut broken = Vec::new();
    let mut judged = 0;
    for function in functions() {
        let kernel = kernel(function.semantics()).unwrap();
        for rule in function.rules.iter().filter(|rule| rule.doubt.is_none()) {
            for dtype in
                DType::ALL.into_iter().filter(|d| rule.dtypes.contains(*d) && function.operands.iter().all(|o| o.dtypes.contains(*d)))
            {
                for args in rule.witnesses(spec, function, dtype) {
                    // The oracle has no opinion, so it contradicts nothing.
                    let Some(value) = kernel.eval(dtype, args).value else { continue };
                    let result = function.result.dtype_of(dtype, dtype);
                    let holds = match (rule.claim(spec, function, dtype, args), &rule.body) {
                        (Some(Claim::OneOf(expected)), _) => expected.iter().any(|e| e.is_met_by(value.cast(result), result)),
                        (Some(Claim::Holds(holds)), _) => Rule::holds(&holds, function, dtype, args, value.cast(result)),
                        (None, RuleBody::Symmetry(map)) => {
                            let mapped: Vec<Element> = args.iter().map(|x| map.argument(*x)).collect();
                            kernel.eval(dtype, &mapped).value.is_some_and(|of| of.components() == map.result(value).components())
                        }
                        (None, _) => false,
                    };
                    judged += 1;
                    if !holds {
                        broken.push(format!("{} {} on {args:?} returns {value}", function.name, rule.slug));
                    }
                }
            }
        }
    }
    assert!(judged > 10_000, "{judged} witnesses");
    assert!(broken.is_empty(), "{} of {judged}:\n{}", broken.len(), broken[..broken.len().min(40)].join("\n"));
}
