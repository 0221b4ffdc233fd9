"""What APIs of one family share: API keys of projects, refusals with a code, envelopes, pretty printing, pages.

No module here knows a vendor. Systems pick what they need and give it their own names, roles and evidence.
"""
