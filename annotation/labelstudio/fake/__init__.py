"""A Label Studio that lies in memory, for tests and trials in which the server is only where work lies.

It is faked below the client, at HTTP: the same requests get the same answers, so that the client, its strict
reading, its repeating and its errors are in use as with the real server, and so is whatever runs in a process of
its own and has but an address and a token. It starts in a hundredth of a second, answers in about a millisecond.

It answers what `annotation_server` asks and nothing else: any other request gets 501 and its name, so that nobody
takes silence for an answer. The pages that people work on, scripts, the rules of
`annotation.labelstudio.server_rules` and assistants need the real one. Both are held to the same by
`tests/annotation/labelstudio/test_annotation_server.py` and `test_client.py`.
"""

from annotation.labelstudio.fake.listener import FakeLabelStudio

__all__ = ["FakeLabelStudio"]
