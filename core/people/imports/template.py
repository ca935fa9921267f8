"""The roster to download: the columns that are known, all cells as text, with an example."""

import io

import xlsxwriter

# head, width, example, what to write
COLUMNS: tuple[tuple[str, int, str, str], ...] = (
    ("姓名", 12, "王秀华", "与身份证一致,一行一人"),
    ("性别", 6, "女", "可不填,由身份证号得出"),
    ("身份证号", 24, "130499194204120028", "18 位,按文本填写;没有身份证号的,导入时说明原因"),
    ("出生日期", 14, "1942-04-12", "可不填,由身份证号得出"),
    ("联系电话", 16, "19900000001", "手机或带区号的座机"),
    ("家庭住址", 32, "农林二社区9号楼2单元501", "送餐用,写到门牌号"),
    ("社区", 16, "农林二社区", "与系统中的社区名称一致"),
    ("网格", 10, "第1网格", "写第几网格"),
    ("人员类别", 20, "低保、独居", "可填多类,用顿号隔开"),
    ("饮食禁忌", 18, "花生过敏、低盐", "可填多项;没有的写“无”"),
    ("紧急联系人", 12, "王建国", ""),
    ("与老人关系", 12, "儿子", ""),
    ("联系人电话", 16, "19900000002", ""),
    ("是否送餐", 10, "是", "是或否"),
    ("备注", 24, "", ""),
)
EXAMPLE_SHEET = "填写示例"


def template_xlsx(columns: tuple[tuple[str, int, str, str], ...] = ()) -> bytes:
    """An .xlsx with the head, ready to fill in, and a second sheet with an example."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format(
            {"bold": True, "border": 1, "align": "center", "num_format": "@", "bg_color": "#EEEEEE"}
        )
        note = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for name in ("花名册", EXAMPLE_SHEET):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            for column, (title, width, example, what) in enumerate(columns or COLUMNS):
                sheet.set_column(column, column, width, text)
                sheet.write_string(0, column, title, head)
                if name == EXAMPLE_SHEET:
                    sheet.write_string(1, column, example, text)
                    sheet.write_string(2, column, what, note)
    return buffer.getvalue()
