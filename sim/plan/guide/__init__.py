"""Variable pay or salary only: a few questions that end in a plan, with the reasons."""

from sim.plan.guide.advice import Advice, advise, proposed
from sim.plan.guide.questions import QUESTIONS, Answers, Option, Question

__all__ = ["QUESTIONS", "Advice", "Answers", "Option", "Question", "advise", "proposed"]
