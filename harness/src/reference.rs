//! The oracle as a backend: it promotes, broadcasts and computes as the spec and the oracle say. With a mutation it does so wrongly.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use array_assay_interface::{
    Argument, Array, Backend, CallError, DType, Element, Identity, Output, PROTOCOL_VERSION, Presence, Scalar, Slice,
};
use array_assay_spec::{Claim, Function, Rule, Spec};

use crate::generate::{Arguments, Case, Layout, Operand, OperandCase, advance, broadcast_indices, flat};
use crate::mutants::Mutation;

/// The oracle as a backend.
pub struct Reference {
    spec: &'static Spec,
    mutation: Option<Mutation>,
}

/// An array of the reference: elements on the host, and how they came to lie.
#[derive(Debug, Clone)]
pub struct ReferenceArray {
    contents: Rc<RefCell<Array>>,
    layout: Layout,
}

impl ReferenceArray {
    fn new(array: Array, layout: Layout) -> ReferenceArray {
        ReferenceArray { contents: Rc::new(RefCell::new(array)), layout }
    }
}

impl Default for Reference {
    fn default() -> Self {
        Reference::new(None)
    }
}

impl Reference {
    /// The reference, or a mutant of it.
    pub fn new(mutation: Option<Mutation>) -> Reference {
        Reference { spec: Spec::embedded(), mutation }
    }

    fn elementwise(
        &self,
        function: &Function,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Array, CallError> {
        let type_error = |message: String| CallError::raised("TypeError", message);
        let mut operands = Vec::with_capacity(function.operands.len());
        let mut contiguous = true;
        let mut inputs = Vec::new();
        for (i, operand) in function.operands.iter().enumerate() {
            let given = args.get(i).or_else(|| kwargs.iter().find(|(name, _)| *name == operand.name).map(|(_, arg)| arg));
            let value = match given {
                Some(Argument::Array(array)) => {
                    contiguous &= array.layout == Layout::Contiguous;
                    inputs.push((*array).clone());
                    Operand::Array(array.contents.borrow().clone(), Layout::Contiguous)
                }
                Some(Argument::Scalar(scalar)) => Operand::Scalar(*scalar),
                None | Some(Argument::None) if operand.optional => Operand::Absent,
                _ => return Err(type_error(format!("{}: argument `{}` is missing or no array", function.name, operand.name))),
            };
            operands.push(OperandCase { value, form: crate::generate::ArgForm::Positional });
        }
        let case = Case { operands, returns_inputs: false };
        let name = &function.name;
        let common = case.common_dtype(self.spec).ok_or_else(|| type_error(format!("{name}: no common dtype")))?;
        if !function.operands.iter().all(|o| o.dtypes.contains(common)) {
            return Err(type_error(format!("{name}: {common} is outside the domain")));
        }
        let dtype = case.result_dtype(self.spec, function).unwrap_or(common);
        let shape = crate::generate::broadcast(case.arrays().map(|(array, _)| array.shape.as_slice()))
            .ok_or_else(|| CallError::raised("ValueError", format!("{name}: the shapes do not broadcast")))?;
        let kernel = array_assay_oracle::kernel(name).ok_or_else(|| CallError::Missing(name.clone()))?;
        let pairing = case.pairing(common, &shape);
        let total: usize = shape.iter().product();
        // Where the oracle has no opinion a special case may have one.
        let claimed = |args: &Arguments| {
            function.rules.iter().find_map(|rule| match rule.claim(self.spec, function, common, args)? {
                Claim::OneOf(expected) => Some(expected[0].witness()),
                Claim::Holds(holds) => [1.0, -1.0, 0.0, f64::NAN]
                    .map(|v| Element::F64(v).cast(dtype))
                    .into_iter()
                    .find(|candidate| Rule::holds(&holds, function, common, args, *candidate)),
            })
        };
        let value = |args: &Arguments| -> Element {
            kernel.eval(common, args).value.or_else(|| claimed(args)).unwrap_or(Element::Int(0)).cast(dtype)
        };
        let mut elements: Vec<Element> = (0..total).map(|i| value(&pairing.arguments(i))).collect();
        let mut result = (dtype, shape);
        if let Some(mutation) = &self.mutation
            && mutation.function == *name
        {
            let args: Vec<Arguments> = (0..total).map(|i| pairing.arguments(i)).collect();
            let call = crate::mutants::MutatedCall {
                spec: self.spec,
                function,
                common,
                case: &case,
                args: &args,
                contiguous,
                value: &|args: &[Element]| kernel.eval(common, args).value.map(|e| e.cast(dtype)),
            };
            mutation.apply(&call, &mut elements, &mut result)?;
            if mutation.writes_input() {
                for input in &inputs {
                    let mut array = input.contents.borrow_mut();
                    if let Some(byte) = array.data.first_mut() {
                        *byte ^= 1;
                    }
                }
            }
        }
        let (dtype, shape) = result;
        Ok(Array::from_elements(dtype, shape, elements))
    }
}

impl Backend for Reference {
    type Array = ReferenceArray;

    fn identity(&self, functions: &[String]) -> Identity {
        let has = |path: &&String| {
            let missing = self.mutation.as_ref().is_some_and(|m| m.hides(path));
            !missing && self.spec.functions.iter().any(|f| f.path() == **path)
        };
        Identity {
            protocol: PROTOCOL_VERSION,
            name: "reference".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "Rust".to_owned(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            devices: vec!["cpu".to_owned()],
            dtypes: DType::ALL.iter().map(|d| d.name().to_owned()).collect(),
            default_dtypes: BTreeMap::new(),
            revisions: vec!["2025.12".to_owned()],
            extensions: Vec::new(),
            capabilities: BTreeMap::new(),
            functions: functions.iter().filter(has).map(|path| (path.clone(), Presence::default())).collect(),
            also: BTreeMap::new(),
        }
    }

    fn from_host(&mut self, array: &Array) -> Result<ReferenceArray, CallError> {
        Ok(ReferenceArray::new(array.clone(), Layout::Contiguous))
    }

    fn to_host(&mut self, array: &ReferenceArray) -> Result<Array, CallError> {
        Ok(array.contents.borrow().clone())
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Output<ReferenceArray>, CallError> {
        let result = match (function, args) {
            ("permute_dims", [Argument::Array(x), Argument::Tuple(axes)]) => {
                ReferenceArray::new(permuted(&x.contents.borrow(), &sizes(axes)?), Layout::Transposed)
            }
            ("broadcast_to", [Argument::Array(x), Argument::Tuple(shape)]) => {
                ReferenceArray::new(broadcast_to(&x.contents.borrow(), sizes(shape)?), Layout::Broadcast)
            }
            ("operator.getitem", [Argument::Array(x), Argument::Tuple(index)]) => {
                let steps: Vec<i64> = index.iter().map(step_of).collect::<Result<_, _>>()?;
                let layout = if steps.iter().all(|s| *s == -1) { Layout::Reversed } else { Layout::Strided };
                ReferenceArray::new(sliced(&x.contents.borrow(), &steps), layout)
            }
            _ => {
                let known = self.spec.functions.iter().find(|f| f.path() == function);
                let known = known.ok_or_else(|| CallError::Missing(function.to_owned()))?;
                ReferenceArray::new(self.elementwise(known, args, kwargs)?, Layout::Contiguous)
            }
        };
        Ok(Output::Array(result))
    }
}

fn sizes(items: &[Argument<'_, ReferenceArray>]) -> Result<Vec<usize>, CallError> {
    let size = |item: &Argument<'_, ReferenceArray>| match item {
        Argument::Scalar(Scalar::Int(v)) => usize::try_from(*v).ok(),
        _ => None,
    };
    items.iter().map(|item| size(item).ok_or_else(|| CallError::raised("TypeError", "expected a tuple of sizes"))).collect()
}

fn step_of(index: &Argument<'_, ReferenceArray>) -> Result<i64, CallError> {
    match index {
        Argument::Slice(Slice { start: None, stop: None, step }) => Ok(step.unwrap_or(1)),
        _ => Err(CallError::raised("IndexError", "the reference takes whole slices with steps")),
    }
}

fn permuted(array: &Array, axes: &[usize]) -> Array {
    let shape: Vec<usize> = axes.iter().map(|axis| array.shape[*axis]).collect();
    gather(array, shape, |index| {
        let mut source = vec![0; index.len()];
        for (axis, i) in axes.iter().zip(index) {
            source[*axis] = *i;
        }
        flat(&array.shape, source.into_iter())
    })
}

fn broadcast_to(array: &Array, shape: Vec<usize>) -> Array {
    let indices = broadcast_indices(&array.shape, &shape);
    Array::from_elements(array.dtype, shape, indices.into_iter().map(|i| array.get(i)))
}

fn sliced(array: &Array, steps: &[i64]) -> Array {
    let length = |n: usize, step: i64| n.div_ceil(step.unsigned_abs() as usize);
    let shape: Vec<usize> = array.shape.iter().zip(steps).map(|(n, step)| length(*n, *step)).collect();
    gather(array, shape, |index| {
        let source = index.iter().zip(&array.shape).zip(steps).map(|((i, n), step)| {
            let start = if *step < 0 { *n as i64 - 1 } else { 0 };
            (start + *i as i64 * step) as usize
        });
        flat(&array.shape, source)
    })
}

fn gather(array: &Array, shape: Vec<usize>, source: impl Fn(&[usize]) -> usize) -> Array {
    let mut index = vec![0; shape.len()];
    let total: usize = shape.iter().product();
    let elements: Vec<Element> = (0..total)
        .map(|_| {
            let element = array.get(source(&index));
            advance(&mut index, &shape);
            element
        })
        .collect();
    Array::from_elements(array.dtype, shape, elements)
}
