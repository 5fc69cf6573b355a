"""WeChat as the region has it: a sandbox that signs, encrypts, notifies and repeats as WeChat does.

account.py   the merchant's account there: made once for each region
server/      the sandbox itself, a program of its own: `python -m region.wechat.server --config FILE`
host.py      the host of the region that it runs on
"""
