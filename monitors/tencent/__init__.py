"""What WeChat Official Accounts and WeCom customer service share: tokens, numbered errors, conversations.

`access` gets and renews the token, `errors` says what a number means, `chats` knows which of a customer's
messages still wait. Used on the engine's loop by `monitors/wechat.py` and `monitors/wecom.py` only.
"""
