//! A case: the operands of one call, and the program that makes it.

use array_assay_interface::{Arg, Array, DType, Element, ParameterKind, Program, Role, Scalar, Step};
use array_assay_spec::{DtypeRule, Function, Operator, OperatorForm, SafeValue, ShapeRule, Spec};

use super::layout::Layout;
use super::shapes::{broadcast, broadcast_indices};

/// One call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// One for each operand of the function.
    pub operands: Vec<OperandCase>,
    /// Whether the inputs are handed back too, to see that they did not change.
    pub returns_inputs: bool,
}

/// An operand and how it is passed.
#[derive(Debug, Clone, PartialEq)]
pub struct OperandCase {
    /// What it is.
    pub value: Operand,
    /// How it is passed.
    pub form: ArgForm,
}

/// An operand.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// An array: its elements in C order, and how it lies.
    Array(Array, Layout),
    /// A Python scalar.
    Scalar(Scalar),
    /// Left out, or `None`.
    Absent,
}

/// How an argument is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum ArgForm {
    Positional,
    Keyword,
}

impl Case {
    /// The array operands' dtypes, in order.
    pub fn dtypes(&self) -> impl Iterator<Item = DType> + '_ {
        self.arrays().map(|(array, _)| array.dtype)
    }

    /// The array operands.
    pub fn arrays(&self) -> impl Iterator<Item = (&Array, Layout)> {
        self.operands.iter().filter_map(|o| match &o.value {
            Operand::Array(array, layout) => Some((array, *layout)),
            _ => None,
        })
    }

    /// Whether a Python scalar takes the place of an array.
    pub fn has_scalar(&self) -> bool {
        self.operands.iter().any(|o| matches!(o.value, Operand::Scalar(_)))
    }

    /// The common dtype of the array operands.
    pub fn common_dtype(&self, spec: &Spec) -> Option<DType> {
        self.dtypes().try_fold(None, |common: Option<DType>, d| match common {
            None => Some(Some(d)),
            Some(c) => spec.dtypes.promote(c, d).map(Some),
        })?
    }

    /// The result's dtype by the spec.
    pub fn result_dtype(&self, spec: &Spec, function: &Function) -> Option<DType> {
        let common = self.common_dtype(spec)?;
        let first = match (function.result.dtype, self.dtypes().next()) {
            // A scalar operand takes the dtype of its array partner.
            (DtypeRule::Same, Some(first)) => first,
            _ => common,
        };
        Some(function.result.dtype_of(first, common))
    }

    /// The result's shape by the spec.
    pub fn result_shape(&self, function: &Function) -> Option<Vec<usize>> {
        match function.result.shape {
            ShapeRule::Broadcast => broadcast(self.arrays().map(|(array, _)| array.shape.as_slice())),
            ShapeRule::Same => self.arrays().next().map(|(array, _)| array.shape.clone()),
            ShapeRule::Computed => None,
        }
    }

    /// How the operands' elements meet in the result.
    pub fn pairing<'a>(&'a self, common: DType, result: &[usize]) -> Pairing<'a> {
        let source = |(k, o): (usize, &'a OperandCase)| match &o.value {
            Operand::Array(array, _) if array.shape == result => Source::Same(array),
            Operand::Array(array, _) => Source::Broadcast(array, broadcast_indices(&array.shape, result)),
            Operand::Scalar(scalar) => Source::Single(scalar.element().cast(common)),
            // No bound: the lower one is the second operand of `clip`, the only function with operands that may be absent.
            Operand::Absent => Source::Single(unbounded(common, k == 1)),
        };
        Pairing { common, sources: self.operands.iter().enumerate().map(source).collect() }
    }

    /// The program that makes the call: inputs, layouts, the subject.
    pub fn program(&self, function: &Function) -> Program {
        let mut program = Program::default();
        let count = self.arrays().count() as u32;
        let mut registers = Vec::with_capacity(count as usize);
        for (array, layout) in self.arrays() {
            let register = program.inputs.len() as u32;
            program.inputs.push(layout.physical(array));
            registers.push(match layout.step(register, &array.shape) {
                Some(step) => {
                    program.steps.push(step);
                    count + program.steps.len() as u32 - 1
                }
                None => register,
            });
        }
        let (mut args, mut kwargs) = (Vec::new(), Vec::new());
        let mut next = registers.iter();
        for (operand, case) in function.operands.iter().zip(&self.operands) {
            let arg = match &case.value {
                Operand::Array(..) => Arg::Register(*next.next().expect("one register for each array")),
                Operand::Scalar(scalar) => Arg::Scalar(*scalar),
                Operand::Absent if case.form == ArgForm::Keyword => continue,
                Operand::Absent => Arg::None,
            };
            match case.form {
                // A positional argument behind one that was left out has to go by keyword.
                ArgForm::Positional if kwargs.is_empty() && args.len() == position(function, &operand.name) => args.push(arg),
                _ => kwargs.push((operand.name.clone(), arg)),
            }
        }
        let mut path = function.path();
        if let Some(Operator { form: OperatorForm::Reflected, python, .. }) = &function.operator {
            match python {
                // The left operand is a Python scalar: Python asks the array on the right.
                Some(python) if self.has_scalar() => path.clone_from(python),
                _ => args.reverse(),
            }
        }
        program.steps.push(Step { function: path, args, kwargs, role: Role::Subject });
        program.returns.push(count + program.steps.len() as u32 - 1);
        if self.returns_inputs {
            // The operand that an operator changes in place is not the same afterwards.
            let changed = usize::from(function.is_operator(OperatorForm::InPlace));
            program.returns.extend(registers.into_iter().skip(changed));
        }
        program
    }

    /// Replaces drawn elements whose result the standard leaves open, so that a library may not stumble over them.
    pub fn make_defined(&mut self, spec: &Spec, function: &Function) {
        let Some((target, safe)) = function.safe.iter().next() else { return };
        let Some(target) = function.operands.iter().position(|o| o.name == *target) else { return };
        let Some(common) = self.common_dtype(spec).filter(|d| d.is_integer() || function.unspecified.is_some()) else { return };
        let Some(kernel) = array_assay_oracle::kernel(function.semantics()) else { return };
        let Some(shape) = broadcast(self.arrays().map(|(array, _)| array.shape.as_slice())) else { return };
        if shape.contains(&0) {
            // Nothing is paired, but a library may look at the elements all the same.
            if let SafeValue::Operand(name) = safe {
                let source = function.operands.iter().position(|o| o.name == *name);
                if let Some(value) = source.map(|k| self.operands[k].value.clone()).filter(|v| *v != Operand::Absent)
                    && self.operands[target].value != Operand::Absent
                {
                    self.operands[target].value = value;
                }
                return;
            }
            match (safe, &mut self.operands[target].value) {
                (SafeValue::Number(v), Operand::Array(array, layout)) => {
                    let elements = vec![Element::Int((*v).into()); array.len()];
                    *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
                    *layout = if *layout == Layout::Broadcast { Layout::Contiguous } else { *layout };
                }
                (SafeValue::Number(v), Operand::Scalar(scalar)) => *scalar = Scalar::Int((*v).into()),
                _ => {}
            }
            return;
        }
        // Each pass replaces an element for good or moves it one way, so that few passes suffice; where the replaced
        // operand is a scalar that does not do, the arrays give way.
        for _ in 0..8 {
            let pairing = self.pairing(common, &shape);
            let mut replaced: Vec<(usize, Element)> = Vec::new();
            for i in 0..shape.iter().product() {
                let args = pairing.arguments(i);
                let open = function.leaves_open(common, &args) || common.is_integer() && kernel.eval(common, &args).value.is_none();
                if !open {
                    continue;
                }
                let element = match safe {
                    SafeValue::Number(v) => Element::Int((*v).into()).cast(common),
                    SafeValue::Operand(name) => args[function.operands.iter().position(|o| o.name == *name).unwrap_or(0)],
                };
                replaced.push((pairing.index(target, i), element));
            }
            let changed = replaced.into_iter().fold(false, |changed, (at, element)| self.replace(target, at, element) || changed);
            if !changed {
                return;
            }
        }
    }

    fn replace(&mut self, operand: usize, at: usize, element: Element) -> bool {
        match &mut self.operands[operand].value {
            Operand::Array(array, layout) => {
                let mut bytes = Vec::with_capacity(16);
                element.cast(array.dtype).write(array.dtype, &mut bytes);
                let size = array.dtype.size();
                array.data[at * size..(at + 1) * size].copy_from_slice(&bytes);
                // A repeated axis would not be one any more.
                if *layout == Layout::Broadcast {
                    *layout = Layout::Contiguous;
                }
                true
            }
            Operand::Scalar(scalar) => {
                *scalar = match element {
                    Element::Bool(v) => Scalar::Bool(v),
                    Element::Int(v) => Scalar::Int(v),
                    other => Scalar::Float(other.components().0),
                };
                true
            }
            Operand::Absent => false,
        }
    }
}

/// How the operands' elements meet in the result.
pub struct Pairing<'a> {
    common: DType,
    sources: Vec<Source<'a>>,
}

enum Source<'a> {
    /// Element by element.
    Same(&'a Array),
    /// By these indices.
    Broadcast(&'a Array, Vec<usize>),
    /// One element for all.
    Single(Element),
}

/// The promoted arguments of one element of the result; three at most, without an allocation.
#[derive(Debug, Clone, Copy)]
pub struct Arguments {
    items: [Element; 3],
    count: usize,
}

impl std::ops::Deref for Arguments {
    type Target = [Element];

    fn deref(&self) -> &[Element] {
        &self.items[..self.count]
    }
}

impl Pairing<'_> {
    /// The promoted arguments of the `i`-th element of the result.
    pub fn arguments(&self, i: usize) -> Arguments {
        let mut out = Arguments { items: [Element::Bool(false); 3], count: self.sources.len().min(3) };
        for (slot, source) in out.items.iter_mut().zip(&self.sources) {
            *slot = match source {
                Source::Same(array) => array.get(i).cast(self.common),
                Source::Broadcast(array, indices) => array.get(indices[i]).cast(self.common),
                Source::Single(element) => *element,
            };
        }
        out
    }

    /// The index in the operand of its element that takes part in the `i`-th element of the result.
    fn index(&self, operand: usize, i: usize) -> usize {
        match &self.sources[operand] {
            Source::Same(_) => i,
            Source::Broadcast(_, indices) => indices[i],
            Source::Single(_) => 0,
        }
    }
}

fn unbounded(dtype: DType, low: bool) -> Element {
    match dtype.integer_range() {
        Some((lowest, highest)) => Element::Int(if low { lowest } else { highest }),
        None => Element::F64(if low { f64::NEG_INFINITY } else { f64::INFINITY }).cast(dtype),
    }
}

/// The position of a parameter among those that can be passed so.
fn position(function: &Function, name: &str) -> usize {
    let positional = function.signature.parameters.iter().filter(|p| p.kind != ParameterKind::KeywordOnly);
    positional.take_while(|p| p.name != name).count()
}
