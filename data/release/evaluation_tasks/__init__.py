"""Files with which evaluation harnesses take a release as it is: few-shot examples from dev, never from test."""
