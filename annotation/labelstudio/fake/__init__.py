"""A Label Studio in memory, for tests and trials that only need a server to hold work.

It is faked below the client, at HTTP: the same requests get the same answers. So the client, its strict parsing,
its retries and its errors are used as with the real server, and so is anything that runs in a process of its own
and has only an address and a token. It starts in a hundredth of a second and answers in about a millisecond.

It answers what `annotation_server` asks and nothing else: any other request gets 501 with its name, so that nobody
mistakes silence for an answer. The pages that people work on, scripts, the rules of
`annotation.labelstudio.server_rules` and assistants need the real server. Both are held to the same behaviour by
`tests/annotation/labelstudio/test_annotation_server.py` and `test_client.py`.
"""

from annotation.labelstudio.fake.listener import FakeLabelStudio

__all__ = ["FakeLabelStudio"]
