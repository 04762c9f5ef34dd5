"""The ways by which messages leave: mail, webhooks and chats, each as this machine's environment names it."""
