"""Our layer inside Label Studio: what a person reaches there, and what a page does beside what it did before.

Label Studio's process loads it from a copy of this folder under the name `belebele_layer`, in an environment that
has nothing else of ours; so it imports only the standard library, Django and, by name, Label Studio's own modules,
and everything else of ours knows it only as files. It keeps no tables: what it must remember is in files of the
folder that the variable BELEBELE_LAYER_DIR names.
"""
