"""Programs: how calls are made, and what they give."""

from __future__ import annotations

import unittest
from typing import Any

from .arrays import float64, int64
from .conversation import Worker, X, Y, batch, call, integer, real, worker

TRUE = {"scalar": {"bool": True}}


class Calls(unittest.TestCase):
    """Forms of calls."""

    def gives(self, step: Any, arrays: list[Any], expected: Any) -> None:
        """Fails unless one step over the arrays gives the value each time."""
        program = ({"inputs": len(arrays), "steps": [step], "returns": [len(arrays)]}, arrays)
        self.assertEqual(worker().outcomes(program, program), [{"values": [expected]}] * 2)

    def test_positional_and_keyword_arguments(self) -> None:
        x = float64(1.0, 2.0, 3.0)
        self.gives(call("add", X, Y), [x, x], {"array": float64(2.0, 4.0, 6.0)})
        self.gives(call("sum", X, axis=integer(0), keepdims=TRUE), [x], {"array": float64(6.0)})
        step = call("clip", X, min=Y, max=real(2.5))
        self.gives(step, [x, float64(2.0, 2.0, 2.0)], {"array": float64(2.0, 2.0, 2.5)})

    def test_an_argument_that_a_function_does_not_have_is_refused(self) -> None:
        raised = worker().run([call("negative", X, colour=integer(1))], [float64(1.0)])["raised"]
        self.assertEqual((raised["step"], raised["exception"]["type"]), (0, "TypeError"))

    def test_operators_methods_attributes_and_conversions(self) -> None:
        x = float64(1.0, 2.0)
        self.gives(call("operator.sub", integer(3), X), [x], {"array": float64(2.0, 1.0)})
        self.gives(call("operator.getitem", X, {"slice": {"step": -1}}), [x], {"array": float64(2.0, 1.0)})
        self.gives(call("method.__mul__", X, real(-0.5)), [x], {"array": float64(-0.5, -1.0)})
        self.gives(call("attribute.shape", X), [x], {"tuple": [{"scalar": {"int": "2"}}]})
        self.gives(call("attribute.dtype", X), [x], {"dtype": ["float64"]})
        self.gives(call("attribute.device", X), [x], {"device": ["cpu"]})
        self.gives(call("builtins.float", X), [float64(2.5, shape=())], {"scalar": {"float": "0x1.4000000000000p+1"}})

    def test_a_constant_is_called_without_arguments(self) -> None:
        self.gives(call("pi"), [], {"scalar": {"float": "0x1.921fb54442d18p+1"}})
        self.gives(call("newaxis"), [], "none")
        self.gives(call("float32"), [], {"dtype": ["float32"]})

    def test_a_form_of_an_array_is_an_expression_of_the_settings(self) -> None:
        forms = Worker("numpy", {"representations": {"lazy": "xp.flip(xp.flip(x))", "read-only": "np.frombuffer(x.tobytes())"}})
        for name in ("lazy", "read-only"):
            self.assertEqual(forms.value(call(f"representation.{name}", X), float64(1.0, 2.0)), {"array": float64(1.0, 2.0)})
        missing = forms.run([call("representation.sparse", X)], [float64(1.0)])
        self.assertEqual(missing["missing"]["name"], "representation.sparse")

    def test_an_array_of_a_subclass_of_numpys_own_is_no_scalar(self) -> None:
        mapped = "(lambda m: (np.copyto(m, x), m)[1])(np.memmap('/dev/zero', x.dtype, 'c', shape=x.shape)) if x.size else x"
        forms = Worker("numpy", {"representations": {"mapped": mapped}})
        plan = {"inputs": 1, "steps": [call("representation.mapped", X)], "returns": [1]}
        arrays = [float64(1.0, 2.0, 3.0), float64(4.0), float64(5.0, shape=())]
        outcomes = forms.outcomes(*((plan, [array]) for array in arrays))
        self.assertEqual(outcomes, [{"values": [{"array": array}]} for array in arrays])

    def test_names_within_names(self) -> None:
        values = worker().value(call("linalg.vector_norm", X), float64(3.0, 4.0))
        self.assertEqual(values["array_scalar"]["array"], float64(5.0, shape=()))

    def test_an_operator_in_place_gives_the_register_that_it_changed(self) -> None:
        x, y = float64(1.0, 2.0), float64(10.0, 20.0)
        self.assertEqual(worker().values([call("operator.iadd", X, Y)], [x, y], [2, 0, 1]), [
            {"array": float64(11.0, 22.0)}, {"array": float64(11.0, 22.0)}, {"array": y},
        ])  # fmt: skip

    def test_assignment_gives_none_and_shows_in_the_register(self) -> None:
        steps = [call("operator.setitem", X, integer(1), real(9.0))]
        self.assertEqual(worker().values(steps, [float64(1.0, 2.0)], [0, 1]), [{"array": float64(1.0, 9.0)}, "none"])

    def test_containers_of_registers(self) -> None:
        x, y = float64(1.0), float64(2.0)
        both = {"list": [X, Y]}
        self.gives(call("concat", both), [x, y], {"array": float64(1.0, 2.0)})
        self.gives(
            call("stack", {"tuple": [X, Y]}, axis=integer(-1)), [x, y], {"array": float64(1.0, 2.0, shape=(1, 2))}
        )
        self.gives(call("builtins.list", both), [x, y], {"list": [{"array": x}, {"array": y}]})

    def test_dtypes_and_devices_as_arguments(self) -> None:
        step = call("ones", integer(2), dtype={"dtype": "int64"}, device={"device": "cpu"})
        self.gives(step, [], {"array": int64(1, 1)})
        self.gives(call("isdtype", {"dtype": "int8"}, {"str": "integral"}), [], {"scalar": {"bool": True}})

    def test_a_list_that_a_call_changes_is_new_in_the_next_run(self) -> None:
        plan = {"inputs": 0, "steps": [call("builtins.list", {"list": [integer(1)]}), call("operator.iadd", X, X)]}
        program: Any = ({**plan, "returns": [1]}, [])
        twice = {"values": [{"list": [{"scalar": {"int": "1"}}] * 2}]}
        self.assertEqual(worker().outcomes(program, program), [twice, twice])


class Results(unittest.TestCase):
    """What calls give."""

    def test_tuples_and_named_tuples(self) -> None:
        self.assertEqual(worker().value(call("nonzero", X), float64(0.0, 5.0)), {"tuple": [{"array": int64(1)}]})
        named = worker().value(call("unique_counts", X), float64(2.0, 2.0))["named_tuple"]
        self.assertEqual(named, [["values", {"array": float64(2.0)}], ["counts", {"array": int64(2)}]])

    def test_a_program_returns_any_registers_in_any_order(self) -> None:
        steps = [call("negative", X), call("builtins.len", {"register": 1})]
        one = {"scalar": {"int": "1"}}
        self.assertEqual(worker().values(steps, [float64(1.0)], [2, 0, 2]), [one, {"array": float64(1.0)}, one])
        self.assertEqual(worker().values(steps, [float64(1.0)], []), [])


class Failures(unittest.TestCase):
    """Programs in which something goes wrong."""

    def test_what_a_library_lacks_is_missing_at_its_step(self) -> None:
        made = {"array": float64(-1.0)}
        for step, name in (
            (call("no_such_function", X), "no_such_function"),
            (call("linalg.nothing", X), "linalg.nothing"),
            (call("method.nothing", X), "method.nothing"),
            (call("attribute.nothing", X), "attribute.nothing"),
            (call("operator.nothing", X), "operator.nothing"),
            (call("zeros", integer(1), dtype={"dtype": "float8"}), "float8"),
            (call("concat", {"list": [X, {"dtype": "float8"}]}), "float8"),
        ):
            with self.subTest(name):
                outcome = worker().run([call("negative", X), step], [float64(1.0)], [1, 2])
                self.assertEqual(outcome, {"missing": {"name": name, "step": 1, "values": [made]}})

    def test_a_failed_step_hands_back_what_was_made_before_it(self) -> None:
        steps = [call("negative", X), call("builtins.len", integer(5)), call("negative", X)]
        raised = worker().run(steps, [float64(1.0)], [1, 0, 3, 0])["raised"]
        self.assertEqual(raised["step"], 1)
        self.assertEqual(
            raised["values"], [{"array": float64(-1.0)}, {"array": float64(1.0)}], "up to the first not made"
        )

    def test_no_failure_concerns_the_program_after_it(self) -> None:
        def of(function: str) -> Any:
            return {"inputs": 1, "steps": [call(function, X)], "returns": [1]}, [float64(1.0)]

        outcomes = worker("noisy").outcomes(*map(of, ("leave", "interrupt", "recurse", "unprintable", "negative")))
        types = [outcome["raised"]["exception"]["type"] for outcome in outcomes[:4]]
        self.assertEqual(types[:3], ["SystemExit", "KeyboardInterrupt", "RecursionError"])
        self.assertIn("Unprintable", types[3])
        self.assertEqual(outcomes[4], {"values": [{"array": float64(-1.0)}]})

    def test_an_attribute_that_exists_and_raises_is_not_missing(self) -> None:
        for step in (call("attribute.real", X), call("method.real", X)):
            raised = Worker("lazy", {"out": "x.compute()"}).run([step], [float64(1.0)])["raised"]
            self.assertEqual((raised["step"], raised["exception"]["type"]), (0, "AttributeError"))


class Frames(unittest.TestCase):
    """Frames of outcomes."""

    def test_a_batch_without_programs_is_answered_by_one_frame(self) -> None:
        self.assertEqual(worker().answers(batch([], 3)), [{"outcomes": {"id": 3, "first": 0, "outcomes": []}}])

    def test_outcomes_of_slow_programs_come_as_they_are_made(self) -> None:
        slow = ({"inputs": 1, "steps": [call("slow", X)], "returns": [1]}, [float64(1.0)])
        answers = worker("noisy").answers(batch([slow, slow, slow], 9))
        self.assertEqual([(a["outcomes"]["id"], a["outcomes"]["first"]) for a in answers], [(9, 0), (9, 1), (9, 2)])

    def test_keys_that_nobody_knows_are_ignored(self) -> None:
        plan = {"colour": "red", "returns": [1], "steps": [{**call("negative", X), "role": "subject"}], "inputs": 1}
        frame = batch([(plan, [float64(1.0)])])
        frame["batch"]["colour"] = 1
        (answer,) = worker().answers(frame)
        self.assertEqual(answer["outcomes"]["outcomes"], [{"values": [{"array": float64(-1.0)}]}])
