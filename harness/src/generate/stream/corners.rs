//! Draws the calls in which corner values meet.

use array_assay_interface::{Array, DType, Element};
use array_assay_oracle::call::Given;
use array_assay_spec::OperatorForm;

use super::{Corners, Stream, WITNESSES, stacked};
use crate::generate::call::Call;
use crate::generate::case::Operand;
use crate::generate::combination::Combination;
use crate::generate::corners;
use crate::generate::layout::Layout;
use crate::generate::values::{Random, python_scalar};

impl<'a> Stream<'a> {
    /// A call in which corner values of the operands meet as `kind` says, with some elements that fulfil the condition of each special case.
    /// The arrays are vectors with room for all of them. A library that declares its shapes gets the largest of these instead, once for each
    /// of `runs`.
    pub(super) fn draw_corners(&self, combination: usize, kind: Corners, runs: usize, random: &mut Random) -> Call<'a> {
        let Combination { dtypes, common, .. } = &self.combinations[combination];
        let whole = self.function.operator.is_none() && self.profile.shapes.is_empty();
        let scalars = if let Corners::BesideScalars(choice) = kind { self.scalar_choices().swap_remove(choice) } else { Vec::new() };
        let mut columns = match kind {
            Corners::Beside(single) => corners::beside(dtypes, single),
            _ => corners::product(dtypes, whole),
        };
        if combination < self.uniform {
            for witness in
                self.function.rules.iter().flat_map(|rule| rule.witnesses(self.spec, self.function, *common).iter().take(WITNESSES))
            {
                columns.iter_mut().zip(witness).for_each(|(column, element)| column.push(*element));
            }
        }
        let length = columns.iter().map(Vec::len).max().unwrap_or(0);
        let largest = self.profile.shapes.iter().max_by_key(|shape| shape.iter().product::<usize>());
        let shape = largest.map_or_else(|| vec![length], Clone::clone);
        let total = runs * shape.iter().product::<usize>();
        // If not all have room, those that remain are spread evenly.
        let at = |i: usize| if total < length { i * length / total } else { i };
        let operand = |(k, (dtype, column)): (usize, (&DType, &Vec<Element>))| {
            let (shape, count) = if kind == Corners::Beside(k) { (stacked(runs, &[]), runs) } else { (stacked(runs, &shape), total) };
            let array = Array::from_elements(*dtype, shape, (0..count).map(|i| column[at(i) % column.len()]));
            let given = match kind {
                Corners::Without(absent) if absent == k => None,
                _ if scalars.contains(&k) => {
                    let corner = column[random.below(column.len())];
                    Some(Given::Scalar(python_scalar(random, corner)))
                }
                _ => Some(Given::Array(array)),
            };
            Operand { given, layout: Layout::Contiguous, form: self.form(k, random) }
        };
        Call::of_operands(self.function, dtypes.iter().zip(&columns).enumerate().map(operand))
    }

    /// The sets of operands, by index, that may be Python scalars in one call. Each operand that may be one makes a set of its own. All of them
    /// together make another, unless no array would be left.
    pub(super) fn scalar_choices(&self) -> Vec<Vec<usize>> {
        let operands = &self.function.operands;
        let takers: Vec<usize> = match self.function.operator.as_ref().map(|operator| operator.form) {
            Some(OperatorForm::Reflected) => vec![0],
            Some(_) => (1..operands.len().min(2)).collect(),
            None => (0..operands.len()).filter(|i| operands[*i].scalars.is_some()).collect(),
        };
        let all = Some(takers.clone()).filter(|all| all.len() > 1 && all.len() < operands.len());
        takers.into_iter().map(|one| vec![one]).chain(all).collect()
    }
}
