"""A vision-language model by Qwen-VL's design, of any size: its parts, its stages of training, its folder on disk.

Source: Bai et al., Qwen-VL, arXiv 2308.12966.
"""
